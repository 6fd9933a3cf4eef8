import { describe, expect, it } from '@jest/globals'
import { type PathMatch, type Rewrite } from '@fairlead/core/snapshot'
import { requestView } from '@fairlead/core/routing'
import { compileTargetRewrite } from './target-rewrite.js'

const PREFIX_API: PathMatch = { kind: 'prefix', value: '/api' }
const full = (value: string): Rewrite => ({ path: { kind: 'full', value } })
const prefix = (value: string): Rewrite => ({ path: { kind: 'prefix', value } })
const regex = (match: string, substitution: string): Rewrite => ({ regex: { match, substitution } })

function rewrite(path: string, query: string | undefined, how: Rewrite, match: PathMatch = PREFIX_API): string | null {
  const view = requestView({ method: 'GET', path, ...(query === undefined ? {} : { query }) })
  const target = compileTargetRewrite(how, match)?.apply(view)
  return target === undefined ? null : Buffer.from(target).toString()
}

describe('compileTargetRewrite', () => {
  it.each<[string, string, string | undefined, Rewrite, string]>([
    ['replaces the whole path', '/api/users', undefined, full('/v2'), '/v2'],
    ['keeps the query of a replaced path', '/api/users', 'a=1&b', full('/v2'), '/v2?a=1&b'],
    ['keeps an empty query', '/api', '', full('/v2'), '/v2?'],
    ['replaces the matched prefix only', '/api/users', 'q=/api', prefix('/v2'), '/v2/users?q=/api'],
    ['adds and removes no slash', '/api/users', undefined, prefix('/'), '//users'],
    ['replaces a prefix that is the whole path', '/api', undefined, prefix('/'), '/'],
    ['substitutes every match', '/a1/b22/c', 'n=1', regex('[0-9]+', 'N'), '/aN/bN/c?n=1'],
    ['puts groups in', '/api/users/7', undefined, regex('^/api/([a-z]+)/([0-9]+)$', '/\\2/\\1'), '/7/users'],
    ['puts the whole match in', '/x', undefined, regex('x', '<\\0\\\\>'), '/<x\\>'],
    ['takes $ literally', '/x', undefined, regex('x', '$1'), '/$1'],
    ['leaves a path without a match', '/x', 'y', regex('z', '!'), '/x?y'],
    ['leaves out a group that took no part', '/b', undefined, regex('(a)|b', '[\\1]'), '/[]'],
  ])('%s', (_, path, query, how, expected) => {
    expect(rewrite(path, query, how)).toBe(expected)
  })

  it('is null where there is nothing to rewrite', () => {
    expect(rewrite('/x', undefined, { authority: 'other' })).toBeNull()
  })

  it('keeps bytes that are no UTF-8', () => {
    const bytes = Uint8Array.from([0x2f, 0xff, 0x78])
    const ranges = new Int32Array(10).fill(-1)
    ranges[6] = 0
    ranges[7] = 3
    const target = compileTargetRewrite(regex('x', 'y'), undefined)!.apply({ bytes, ranges, fieldCount: 0 })
    expect([...target]).toEqual([0x2f, 0xff, 0x79])
  })

  it.each([
    ['(', 'x', /error parsing regexp|missing/i],
    ['a', '\\1', /only 0 groups/],
    ['a', '\\x', /no group/],
    ['a', 'x\\', /no group/],
  ])('refuses %j -> %j when config is applied', (match, substitution, message) => {
    expect(() => compileTargetRewrite(regex(match, substitution), undefined)).toThrow(message)
  })
})

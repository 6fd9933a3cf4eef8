import { BlockList, isIP } from 'node:net'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import {
  isCidr,
  isDnsLabel,
  isDnsSubdomain,
  isHostName,
  isIp,
  isLabelValue,
  isQualifiedName,
  isWildcardHost,
} from './names.js'

describe('names', () => {
  const cases: readonly (readonly [check: (text: string) => boolean, yes: readonly string[], no: readonly string[]])[] =
    [
      [isDnsLabel, ['a', 'a-1', '0', 'a'.repeat(63)], ['', 'A', '-a', 'a-', 'a.b', 'a_b', 'a'.repeat(64), 'a\n']],
      [isDnsSubdomain, ['a', 'a.b-c.d'], ['', 'a..b', '.a', 'a.', 'A.b', 'a'.repeat(254)]],
      [isHostName, ['a', 'A.b', 'a.b.c1', '1.a'], ['', 'a.', 'a..b', '1.2', 'a b', 'a:1', 'a/b', '*.a', 'é.a']],
      [isWildcardHost, ['*', '*.a', '*-a.b', 'a.b'], ['**', '*a', 'a.*', '*.*', '*.', '']],
      [isQualifiedName, ['a', 'A_b.c-1', 'a.b/c'], ['', 'a/', '/a', 'a/b/c', '-a', 'A/b', 'a'.repeat(64)]],
      [isLabelValue, ['', 'a', 'A_b.c-1'], ['-a', 'a b', 'a'.repeat(64)]],
      [
        isCidr,
        ['10.0.0.0/8', '::/0', 'fd00::/128'],
        ['10.0.0.0', '10.0.0.0/33', '::/129', 'a/1', '1.1.1.1/1/1', '1.1.1.1/'],
      ],
    ]
  it.each(cases.map(([check, yes, no]) => [check.name, check, yes, no] as const))('%s', (_, check, yes, no) => {
    for (const text of yes) expect([text, check(text)]).toEqual([text, true])
    for (const text of no) expect([text, check(text)]).toEqual([text, false])
  })

  it('takes for an address what Node does', () => {
    const soup = fc.array(fc.constantFrom(...':.0123456789af'), { maxLength: 20 }).map((chars) => chars.join(''))
    fc.assert(
      fc.property(fc.oneof(soup, fc.ipV4(), fc.ipV6()), (text) => {
        expect([text, isIp(text)]).toEqual([text, isIP(text) !== 0])
      }),
      { numRuns: 2000 },
    )
  })

  it('takes only ranges that Node can use', () => {
    fc.assert(
      fc.property(fc.oneof(fc.ipV4(), fc.ipV6()), fc.integer({ min: 0, max: 140 }), (address, bits) => {
        const most = isIP(address) === 4 ? 32 : 128
        expect(isCidr(`${address}/${bits}`)).toBe(bits <= most)
        if (bits <= most) new BlockList().addSubnet(address, bits, isIP(address) === 4 ? 'ipv4' : 'ipv6')
      }),
    )
  })
})

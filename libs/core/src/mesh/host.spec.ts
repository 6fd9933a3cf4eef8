import { describe, it, expect } from '@jest/globals'
import { compareSpecificity, covers, narrower, resolveHost } from './host.js'
import { isExportedTo } from './visibility.js'

describe('resolveHost', () => {
  it.each([
    ['reviews', 'reviews.prod.svc.cluster.local'],
    ['reviews.default', 'reviews.default'],
    ['Reviews.Default.', 'reviews.default'],
    ['*', '*'],
    ['*.example.com', '*.example.com'],
  ])('takes %p for %p', (host, full) => {
    expect(resolveHost(host, 'prod', 'svc.cluster.local')).toBe(full)
  })
})

describe('covers and narrower', () => {
  it.each([
    ['a.com', 'a.com', 'a.com'],
    ['a.com', 'b.com', null],
    ['*', 'a.com', 'a.com'],
    ['*', '*.com', '*.com'],
    ['*.com', 'a.com', 'a.com'],
    ['*.com', '*.a.com', '*.a.com'],
    ['*.a.com', 'a.com', null],
    ['*.a.com', 'ba.com', null],
    ['*.a.com', '*.b.com', null],
  ])('%p and %p have %p in common', (a, b, common) => {
    expect(narrower(a, b)).toBe(common)
    expect(narrower(b, a)).toBe(common)
    expect(covers(a, b)).toBe(common === b)
  })
})

describe('compareSpecificity', () => {
  it('orders names before wildcards, then the longer, then by alphabet (S10)', () => {
    const sorted = ['b.example.com', 'a.com', 'b.com', '*.example.com', '*.a.com', '*.b.com', '*.com', '*']
    expect([...sorted].reverse().sort(compareSpecificity)).toEqual(sorted)
  })
})

describe('isExportedTo', () => {
  it.each<[readonly string[] | undefined, string, boolean]>([
    [undefined, 'other', true],
    [[], 'other', true],
    [['*'], 'other', true],
    [['.'], 'own', true],
    [['.'], 'other', false],
    [['other', 'third'], 'other', true],
    [['other'], 'own', false],
    [['~'], 'own', false],
  ])('%p of a resource in own is seen from %p: %p', (exportTo, namespace, seen) => {
    expect(isExportedTo(exportTo, 'own', namespace)).toBe(seen)
  })
})

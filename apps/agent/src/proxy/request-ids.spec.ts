import { describe, expect, it } from '@jest/globals'
import { REQUEST_ID_LENGTH, RequestIds } from './request-ids.js'

function next(ids: RequestIds): string {
  const target = new Uint8Array(REQUEST_ID_LENGTH + 2).fill(0x21)
  ids.write(target, 1)
  const text = Buffer.from(target).toString()
  expect(text[0]! + text.at(-1)).toBe('!!')
  return text.slice(1, -1)
}

describe('RequestIds', () => {
  it('writes version and variant into the random bytes', () => {
    const counting = (bytes: Uint8Array): void => bytes.forEach((_, i) => (bytes[i] = i & 0xff))
    const ids = new RequestIds(counting)
    expect(next(ids)).toBe('00010203-0405-4607-8809-0a0b0c0d0e0f')
    expect(next(ids)).toBe('10111213-1415-4617-9819-1a1b1c1d1e1f')
    expect(next(new RequestIds((bytes) => bytes.fill(0xff)))).toBe('ffffffff-ffff-4fff-bfff-ffffffffffff')
  })

  it('never gives the same id twice, also across refills of the pool', () => {
    const ids = new RequestIds()
    const seen = new Set(Array.from({ length: 2_000 }, () => next(ids)))
    expect(seen.size).toBe(2_000)
    for (const id of seen) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})

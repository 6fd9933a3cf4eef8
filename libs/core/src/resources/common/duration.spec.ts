import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { canonicalDuration, durationMs } from './duration.js'

describe('canonicalDuration', () => {
  const cases: readonly (readonly [text: string, canonical: string | null])[] = [
    ['5s', '5s'],
    ['1.50s', '1.5s'],
    ['100ms', '0.1s'],
    ['1h30m', '5400s'],
    ['1.5h', '5400s'],
    ['.5s', '0.5s'],
    ['0', '0s'],
    ['1ns', '0.000000001s'],
    ['1µs', '0.000001s'],
    ['-1s', '-1s'],
    ['', null],
    ['5', null],
    ['s', null],
    ['.s', null],
    ['1 s', null],
    ['1d', null],
    ['1e3s', null],
    ['9223372037s', null],
    ['1'.repeat(70) + 's', null],
  ]
  it.each(cases)('reads %j as %j', (text, canonical) => {
    expect(canonicalDuration(text)).toBe(canonical)
  })

  it('changes nothing when it is done again, and keeps milliseconds exact', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 1e12 }), (ms) => {
        const text = canonicalDuration(`${ms}ms`)
        expect(canonicalDuration(text ?? '')).toBe(text)
        expect(durationMs(text ?? '')).toBe(ms)
      }),
    )
  })

  it('refuses what is no duration', () => {
    expect(() => durationMs('soon')).toThrow('not a duration')
  })
})

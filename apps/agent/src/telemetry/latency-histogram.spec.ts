import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { LatencyHistogram } from './latency-histogram.js'

describe('LatencyHistogram', () => {
  it('has no quantile while it is empty', () => {
    expect(new LatencyHistogram().quantileUs(0.5)).toBe(0)
  })

  it('is exact below 16 us', () => {
    const histogram = new LatencyHistogram()
    for (let us = 0; us < 10; us++) histogram.record(us)
    expect([histogram.quantileUs(0.1), histogram.quantileUs(0.5), histogram.quantileUs(1)]).toEqual([0, 4, 9])
  })

  it('never reports a quantile below the true one, nor more than a sixteenth above it', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 10_000_000 }), { minLength: 1, maxLength: 200 })
    fc.assert(
      fc.property(durations, fc.double({ min: 0, max: 1, noNaN: true }), (values, q) => {
        const histogram = new LatencyHistogram()
        values.forEach((value) => histogram.record(value))
        const sorted = values.toSorted((a, b) => a - b)
        const exact = sorted[Math.max(1, Math.ceil(q * values.length)) - 1]!
        const found = histogram.quantileUs(q)
        expect(found).toBeGreaterThanOrEqual(exact)
        expect(found).toBeLessThanOrEqual(exact + exact / 16)
      }),
    )
  })

  it('counts what is below a power of two exactly', () => {
    const durations = fc.array(fc.integer({ min: 0, max: 1 << 24 }), { maxLength: 200 })
    fc.assert(
      fc.property(durations, fc.integer({ min: 0, max: 26 }), (values, octave) => {
        const histogram = new LatencyHistogram()
        values.forEach((value) => histogram.record(value))
        expect(histogram.countBelowPowerOfTwo(octave)).toBe(values.filter((value) => value < 2 ** octave).length)
      }),
    )
  })

  it.each([-1, Number.NaN, 2 ** 40, Infinity])('takes %d without losing count', (duration) => {
    const histogram = new LatencyHistogram()
    histogram.record(duration)
    expect([histogram.count, histogram.countBelowPowerOfTwo(32)]).toEqual([1, 1])
  })
})

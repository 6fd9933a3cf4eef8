import { describe, expect, it } from '@jest/globals'
import { releaseOutput, reserveOutput, takeOutput } from './output-slab.js'

describe('output slab', () => {
  it('is used from where it was as soon as the last range is released', () => {
    const slab = reserveOutput(100)
    const start = slab.position
    takeOutput(slab, start + 100)
    expect(slab.position).toBe(start + 100)
    releaseOutput(slab, start, start + 100)
    expect(slab.position).toBe(start)
  })

  it('never hands out a range that is still held', () => {
    const held = reserveOutput(50_000)
    const from = held.position
    takeOutput(held, from + 50_000)
    for (let i = 0; i < 100; i++) {
      const slab = reserveOutput(20_000)
      const at = slab.position
      if (slab === held) expect(at).toBeGreaterThanOrEqual(from + 50_000)
      takeOutput(slab, at + 20_000)
      if (i % 3 > 0) releaseOutput(slab, at, at + 20_000)
    }
    releaseOutput(held, from, from + 50_000)
  })

  it('makes room for more than a slab', () => {
    expect(reserveOutput(2_000_000).buffer.length).toBeGreaterThanOrEqual(2_000_000)
  })
})

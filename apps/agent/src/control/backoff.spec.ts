import { describe, expect, it } from '@jest/globals'
import { backoffMs } from './backoff.js'

describe('backoffMs', () => {
  it.each([
    [0, 0, 50],
    [0, 1, 100],
    [1, 0.5, 150],
    [5, 1, 3_200],
    [6, 0, 2_500],
    [6, 1, 5_000],
    [1_000, 1, 5_000],
    [Infinity, 1, 5_000],
  ])('at try %d with chance %d waits %d ms', (attempt, random, expected) => {
    expect(backoffMs(attempt, random)).toBe(expected)
  })
})

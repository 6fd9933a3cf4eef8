import { describe, it, expect } from '@jest/globals'
import { cumulativeWeights, pickCluster } from './pick-cluster.js'

const sums = (...weights: number[]): Float64Array =>
  cumulativeWeights(weights.map((weight, i) => ({ cluster: `${i}`, weight })))

describe('pickCluster', () => {
  it.each([
    [[95, 5], 0, 0],
    [[95, 5], 0.9499, 0],
    [[95, 5], 0.95, 1],
    [[95, 5], 0.9999, 1],
    [[0, 1], 0, 1],
    [[1, 0], 0.9999999, 0],
    [[1, 1, 2], 0.5, 2],
    [[0], 0.5, 0],
    [[2 ** 31 - 1, 2 ** 31 - 1, 2 ** 31 - 1], 0.99, 2],
  ])('of the weights %p draws for %p the destination %p', (weights, random, expected) => {
    expect(pickCluster(sums(...weights), random)).toBe(expected)
  })
})

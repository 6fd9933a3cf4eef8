// HOT: runs per request. Measure before and after.
import type { WeightedCluster } from '../snapshot/index.js'

/** Running sums of the weights, for `pickCluster`; built once per route. */
export function cumulativeWeights(clusters: readonly WeightedCluster[]): Float64Array {
  const sums = new Float64Array(clusters.length)
  let sum = 0
  for (let i = 0; i < clusters.length; i++) sums[i] = sum += clusters[i]!.weight
  return sums
}

/**
 * Index of the drawn destination. `random` is in [0, 1). Weights are relative (S16); a weight of zero is never drawn
 * while another is left, and a single destination always is.
 */
export function pickCluster(sums: Float64Array, random: number): number {
  const last = sums.length - 1
  if (last === 0) return 0
  const drawn = random * sums[last]!
  let index = 0
  while (index < last && drawn >= sums[index]!) index++
  return index
}

// HOT: runs per request. Measure before and after.
import { type BalancedHost, type RandomSource, type WeightedHost } from './balancer.js'

/** Draws hosts in proportion to their weights: O(1) when all weigh the same, else a binary search. */
export class WeightedDraw<H extends BalancedHost> {
  private readonly hosts: readonly H[]
  /** Running sums of the weights, or null when all are equal. */
  private readonly sums: Float64Array | null

  constructor(
    weighted: readonly WeightedHost<H>[],
    private readonly random: RandomSource,
  ) {
    this.hosts = weighted.map((entry) => entry.host)
    this.sums = hasEqualWeights(weighted) ? null : runningSums(weighted)
  }

  draw(): H {
    const { hosts, sums } = this
    if (hosts.length === 1) return hosts[0]!
    if (sums === null) return hosts[Math.floor(this.random() * hosts.length)]!
    const target = this.random() * sums[sums.length - 1]!
    let low = 0
    let high = sums.length - 1
    while (low < high) {
      const middle = (low + high) >>> 1
      if (sums[middle]! > target) high = middle
      else low = middle + 1
    }
    return hosts[low]!
  }
}

export function hasEqualWeights(weighted: readonly WeightedHost<BalancedHost>[]): boolean {
  return weighted.every((entry) => entry.weight === weighted[0]!.weight)
}

function runningSums(weighted: readonly WeightedHost<BalancedHost>[]): Float64Array {
  const sums = new Float64Array(weighted.length)
  let sum = 0
  weighted.forEach((entry, index) => (sums[index] = sum += entry.weight))
  return sums
}

// HOT: runs per request. Measure before and after.
import { type BalancedHost, type Balancer, type RandomSource, type WeightedHost } from './balancer.js'
import { hasEqualWeights } from './weighted-draw.js'

/**
 * Istio's ROUND_ROBIN. Equal weights: in turn. Else earliest deadline first, as Envoy: a host that was picked is due
 * again after 1/weight, so that the picks of a heavy host are spread out and not in a row. O(log n) by a binary heap.
 * Both start at a random phase, or all agents would begin with the same host.
 */
export class RoundRobinBalancer<H extends BalancedHost> implements Balancer<H> {
  private readonly hosts: H[]
  /** Heap order, parallel to `hosts`; null when all weigh the same. */
  private readonly deadlines: Float64Array | null
  private readonly intervals: Float64Array
  private next: number

  constructor(weighted: readonly WeightedHost<H>[], random: RandomSource) {
    const intervals = weighted.map((entry) => 1 / entry.weight)
    this.next = Math.floor(random() * weighted.length)
    if (hasEqualWeights(weighted)) {
      this.hosts = weighted.map((entry) => entry.host)
      this.intervals = Float64Array.from(intervals)
      this.deadlines = null
      return
    }
    // An ascending array is a heap.
    const due = weighted
      .map((entry, index) => ({ host: entry.host, interval: intervals[index]!, at: random() * intervals[index]! }))
      .sort((a, b) => a.at - b.at)
    this.hosts = due.map((entry) => entry.host)
    this.intervals = Float64Array.from(due, (entry) => entry.interval)
    this.deadlines = Float64Array.from(due, (entry) => entry.at)
  }

  pick(): H {
    if (this.deadlines !== null) return this.pickEarliest(this.deadlines)
    const index = this.next
    this.next = index + 1 === this.hosts.length ? 0 : index + 1
    return this.hosts[index]!
  }

  /** Takes the root and sinks it to its next deadline. */
  private pickEarliest(deadlines: Float64Array): H {
    const { hosts, intervals } = this
    const host = hosts[0]!
    const interval = intervals[0]!
    const deadline = deadlines[0]! + interval
    let hole = 0
    for (;;) {
      let child = 2 * hole + 1
      if (child >= hosts.length) break
      if (child + 1 < hosts.length && deadlines[child + 1]! < deadlines[child]!) child++
      if (deadlines[child]! >= deadline) break
      hosts[hole] = hosts[child]!
      intervals[hole] = intervals[child]!
      deadlines[hole] = deadlines[child]!
      hole = child
    }
    hosts[hole] = host
    intervals[hole] = interval
    deadlines[hole] = deadline
    return host
  }
}

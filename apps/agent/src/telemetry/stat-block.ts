import { LatencyHistogram } from './latency-histogram.js'

/** What one number of a block means. `counter` only grows, `gauge` goes both ways. */
export interface StatDefinition {
  readonly name: string
  readonly type: 'counter' | 'gauge'
  readonly help: string
}

/**
 * What all blocks of one owner look like: `<scope>.<block>.<stat>` in `/stats`, and
 * `fairlead_<scope>_<stat>{<label>="<block>"}` in Prometheus text. The index of a stat is its id.
 */
export interface StatSchema {
  readonly scope: string
  /** The one Prometheus label. */
  readonly label: string
  readonly stats: readonly StatDefinition[]
  /** Name of the block's latency histogram (milliseconds when read), or null if it keeps none. */
  readonly histogram: string | null
}

/**
 * The numbers of one cluster, listener or direction. Made when config is applied; a request does
 * `block.add(UPSTREAM_RQ_TOTAL, 1)` and nothing else: no name, label or map on its path.
 *
 * A block that left the registry may still be written to by requests in flight; it is only no longer read.
 */
export class StatBlock {
  readonly values: Float64Array
  readonly latency: LatencyHistogram | null

  constructor(
    readonly schema: StatSchema,
    readonly name: string,
  ) {
    this.values = new Float64Array(schema.stats.length)
    this.latency = schema.histogram === null ? null : new LatencyHistogram()
  }

  add(stat: number, amount: number): void {
    this.values[stat]! += amount
  }
}

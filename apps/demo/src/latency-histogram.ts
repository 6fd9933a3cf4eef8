/** Log-linear: 32 buckets a doubling, so that a percentile is off by at most 3.2 %. From 1 us to over an hour. */
const BUCKETS_PER_DOUBLING = 32
const BUCKETS = 32 * BUCKETS_PER_DOUBLING

export class LatencyHistogram {
  readonly #counts = new Uint32Array(BUCKETS)
  #total = 0

  record(ms: number): void {
    const bucket = Math.floor(Math.log2(Math.max(1, ms * 1000)) * BUCKETS_PER_DOUBLING)
    const index = Math.min(BUCKETS - 1, bucket)
    this.#counts[index] = (this.#counts[index] ?? 0) + 1
    this.#total++
  }

  /** The latency in ms that `share` (0.99) of all were within, rounded up to its bucket's end; 0 when there is none. */
  percentile(share: number): number {
    const wanted = Math.ceil(this.#total * share)
    let seen = 0
    for (let bucket = 0; bucket < BUCKETS && this.#total > 0; bucket++) {
      seen += this.#counts[bucket] ?? 0
      if (seen >= wanted) return round(2 ** ((bucket + 1) / BUCKETS_PER_DOUBLING) / 1000)
    }
    return 0
  }
}

function round(ms: number): number {
  return Math.round(ms * 1000) / 1000
}

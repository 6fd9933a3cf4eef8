import { LatencyHistogram } from './latency-histogram.js'

/** What became of the requests that were sent in one second. */
export interface SecondCounts {
  readonly v1: number
  readonly v2: number
  readonly failed: number
}

export interface LoadReport {
  /** By second from the start of traffic. */
  readonly seconds: readonly SecondCounts[]
  readonly p50Ms: number
  readonly p99Ms: number
}

/** Counts a request in the second in which it was sent: a change of config shows from the second after it. */
export class LoadRecord {
  readonly #seconds: { v1: number; v2: number; failed: number }[] = []
  readonly #latency = new LatencyHistogram()

  /** @param sentMs since the start of traffic. @param version null: it failed. */
  add(sentMs: number, latencyMs: number, version: string | null): void {
    const counts = this.#at(Math.floor(sentMs / 1000))
    if (version === 'v1' || version === 'v2') counts[version]++
    else counts.failed++
    this.#latency.record(latencyMs)
  }

  second(number: number): SecondCounts {
    return { ...this.#at(number) }
  }

  /** @param seconds how many; those without a request are there too. */
  report(seconds: number): LoadReport {
    if (seconds > 0) this.#at(seconds - 1)
    return {
      seconds: this.#seconds.slice(0, seconds).map((counts) => ({ ...counts })),
      p50Ms: this.#latency.percentile(0.5),
      p99Ms: this.#latency.percentile(0.99),
    }
  }

  #at(second: number): { v1: number; v2: number; failed: number } {
    while (this.#seconds.length <= second) this.#seconds.push({ v1: 0, v2: 0, failed: 0 })
    return this.#seconds[second] ?? { v1: 0, v2: 0, failed: 0 }
  }
}

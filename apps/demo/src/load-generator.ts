import http from 'node:http'
import { LatencyHistogram } from './latency-histogram.js'
import { LoadRecord, type LoadReport, type SecondCounts } from './load-record.js'

export interface LoadPlan {
  /** The client agent's outbound listener. */
  readonly proxyHost: string
  readonly proxyPort: number
  /** Absolute form, as an application with HTTP_PROXY sends it. */
  readonly url: string
  readonly requestsPerSecond: number
  /** null: until told to stop. */
  readonly seconds: number | null
}

/** To the parent: each second as it ends, and all of it at the end. */
export type LoadMessage =
  | {
      readonly type: 'second'
      readonly second: number
      readonly counts: SecondCounts
      readonly p50Ms: number
      readonly p99Ms: number
    }
  | { readonly type: 'done'; readonly report: LoadReport }

const TICK_MS = 2
const IN_FLIGHT_MAX = 64
/** What the machine did not manage is left out, not made up for: a backlog would measure itself. */
const DEBT_MAX = 20
const ANSWER_MS = 10_000

/** Sends requests at an even pace until the plan's end, and reports through `tell`. */
export class LoadGenerator {
  readonly #plan: LoadPlan
  readonly #tell: (message: LoadMessage) => void
  readonly #agent = new http.Agent({ keepAlive: true, maxSockets: IN_FLIGHT_MAX, scheduling: 'fifo' })
  readonly #record = new LoadRecord()
  #start = 0
  #lastSecond = new LatencyHistogram()
  #reported = 0
  #planned = 0
  #inFlight = 0
  #stopped = false
  #timer: NodeJS.Timeout | undefined

  constructor(plan: LoadPlan, tell: (message: LoadMessage) => void) {
    this.#plan = plan
    this.#tell = tell
  }

  start(): void {
    this.#start = performance.now()
    this.#timer = setInterval(() => this.#tick(), TICK_MS)
  }

  /** No new requests; the report follows when the last one is answered. */
  #stop(): void {
    this.#stopped = true
    clearInterval(this.#timer)
    if (this.#inFlight === 0) this.#finish()
  }

  #tick(): void {
    const elapsedMs = performance.now() - this.#start
    while (Math.floor(elapsedMs / 1000) > this.#reported) this.#reportSecond()
    if (this.#plan.seconds !== null && elapsedMs >= this.#plan.seconds * 1000) return this.#stop()
    const due = Math.floor((elapsedMs * this.#plan.requestsPerSecond) / 1000)
    this.#planned = Math.max(this.#planned, due - DEBT_MAX)
    for (; this.#planned < due && this.#inFlight < IN_FLIGHT_MAX; this.#planned++) this.#send(true)
  }

  #send(mayRetry: boolean): void {
    const sentMs = performance.now() - this.#start
    this.#inFlight++
    let settled = false
    const settle = (version: string | null) => {
      if (settled) return
      settled = true
      const latencyMs = performance.now() - this.#start - sentMs
      this.#record.add(sentMs, latencyMs, version)
      this.#lastSecond.record(latencyMs)
      this.#inFlight--
      if (this.#stopped && this.#inFlight === 0) this.#finish()
    }
    const { proxyHost, proxyPort, url } = this.#plan
    const request = http.get(
      { host: proxyHost, port: proxyPort, path: url, agent: this.#agent, headers: { host: new URL(url).host } },
      (response) => {
        const version = response.headers['x-version']
        const isGood = response.statusCode === 200 && typeof version === 'string'
        response.on('error', () => settle(null))
        response.once('end', () => settle(isGood ? version : null))
        response.resume()
      },
    )
    request.setTimeout(ANSWER_MS, () => request.destroy(new Error('no answer')))
    request.once('error', (error: NodeJS.ErrnoException) => {
      // A kept connection that was closed just as we took it is no answer of anyone's: every client sends again.
      if (mayRetry && !settled && request.reusedSocket && error.code === 'ECONNRESET') {
        settled = true
        this.#inFlight--
        this.#send(false)
      } else settle(null)
    })
  }

  #reportSecond(): void {
    const second = this.#reported++
    const latency = this.#lastSecond
    this.#lastSecond = new LatencyHistogram()
    const counts = this.#record.second(second)
    this.#tell({ type: 'second', second, counts, p50Ms: latency.percentile(0.5), p99Ms: latency.percentile(0.99) })
  }

  #finish(): void {
    this.#agent.destroy()
    this.#tell({ type: 'done', report: this.#record.report(this.#plan.seconds ?? this.#reported) })
  }
}

import type { LoadReport } from './load-record.js'

/** The one line of `npm start -- --seconds N --json`. */
export interface DemoResult {
  readonly revision: number
  readonly agents: number
  /** How many of them run the newest config. */
  readonly converged: number
  readonly requests: number
  readonly failed: number
  /** Shares of the answered requests. */
  readonly split: { readonly v1: number; readonly v2: number }
  readonly p50Ms: number
  readonly p99Ms: number
  readonly timeline: readonly {
    readonly second: number
    /** What the client's agent ran at the end of the second. */
    readonly revision: number
    readonly v1: number
    readonly v2: number
    readonly failed: number
  }[]
}

export interface FleetState {
  readonly revision: number
  readonly agents: number
  readonly converged: number
}

/** @param revisionAt of the client's agent, by second. */
export function summarize(report: LoadReport, fleet: FleetState, revisionAt: (second: number) => number): DemoResult {
  const total = { v1: 0, v2: 0, failed: 0 }
  for (const counts of report.seconds) {
    total.v1 += counts.v1
    total.v2 += counts.v2
    total.failed += counts.failed
  }
  const answered = total.v1 + total.v2
  return {
    revision: fleet.revision,
    agents: fleet.agents,
    converged: fleet.converged,
    requests: answered + total.failed,
    failed: total.failed,
    split: { v1: share(total.v1, answered), v2: share(total.v2, answered) },
    p50Ms: report.p50Ms,
    p99Ms: report.p99Ms,
    timeline: report.seconds.map((counts, second) => ({ second, revision: revisionAt(second), ...counts })),
  }
}

/** Four decimals. */
function share(part: number, whole: number): number {
  return whole === 0 ? 0 : Math.round((part / whole) * 10_000) / 10_000
}

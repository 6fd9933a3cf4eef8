import type { SecondCounts } from './load-record.js'

export interface LiveState {
  readonly second: number
  readonly counts: SecondCounts
  readonly p50Ms: number
  readonly p99Ms: number
  readonly requests: number
  readonly failed: number
  readonly revision: number
  readonly agents: number
  readonly converged: number
}

const BAR_WIDTH = 40

/** The picture of one second; `hints` say what to try. */
export function renderLive(state: LiveState, hints: readonly string[]): string {
  const { counts } = state
  const answered = counts.v1 + counts.v2
  return [
    '',
    `  reviews, second ${state.second}`,
    '',
    `  v1  ${bar(counts.v1, answered)}`,
    `  v2  ${bar(counts.v2, answered)}`,
    '',
    `  requests  ${state.requests} (${answered + counts.failed}/s)   errors  ${state.failed}`,
    `  latency   p50 ${state.p50Ms.toFixed(2)} ms   p99 ${state.p99Ms.toFixed(2)} ms`,
    `  revision  ${state.revision}   agents in sync  ${state.converged}/${state.agents}`,
    '',
    ...hints.map((hint) => `  ${hint}`),
    '',
  ].join('\n')
}

/** For logs and pipes. */
export function renderLine(state: LiveState): string {
  const answered = state.counts.v1 + state.counts.v2
  return (
    `second ${state.second}: v1 ${percent(state.counts.v1, answered)} v2 ${percent(state.counts.v2, answered)}, ` +
    `${state.requests} requests, ${state.failed} errors, p50 ${state.p50Ms.toFixed(2)} ms, p99 ${state.p99Ms.toFixed(2)} ms, ` +
    `revision ${state.revision}, ${state.converged}/${state.agents} agents in sync`
  )
}

/** Writes over what it wrote before, on a terminal. */
export function repaint(previous: string, next: string): string {
  const lines = previous === '' ? 0 : previous.split('\n').length - 1
  return `${lines === 0 ? '' : `\u001b[${lines}A`}\u001b[0J${next}`
}

function bar(part: number, whole: number): string {
  const filled = whole === 0 ? 0 : Math.round((part / whole) * BAR_WIDTH)
  return `${'#'.repeat(filled)}${'.'.repeat(BAR_WIDTH - filled)}  ${percent(part, whole)}`
}

function percent(part: number, whole: number): string {
  return whole === 0 ? '-' : `${((part / whole) * 100).toFixed(1)} %`
}

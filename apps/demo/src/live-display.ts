import { renderLine, renderLive, repaint, type LiveState } from './live-view.js'
import type { LoadMessage } from './load-generator.js'
import type { FleetState } from './demo-result.js'

/** Lines are for logs: not every second. */
const LINE_EVERY_SECONDS = 5

/** A picture that is painted over each second on a terminal; elsewhere a line now and then. */
export class LiveDisplay {
  readonly #out: NodeJS.WriteStream
  readonly #hints: readonly string[]
  #painted = ''
  #requests = 0
  #failed = 0
  #hinted = false

  constructor(out: NodeJS.WriteStream, hints: readonly string[]) {
    this.#out = out
    this.#hints = hints
  }

  show(message: Extract<LoadMessage, { type: 'second' }>, fleet: FleetState): void {
    const { v1, v2, failed } = message.counts
    this.#requests += v1 + v2 + failed
    this.#failed += failed
    const state: LiveState = { ...message, ...fleet, requests: this.#requests, failed: this.#failed }
    if (this.#out.isTTY) {
      const next = renderLive(state, this.#hints)
      this.#out.write(repaint(this.#painted, next))
      this.#painted = next
      return
    }
    if (!this.#hinted) this.#out.write(`${this.#hints.join('\n')}\n`)
    this.#hinted = true
    if (message.second % LINE_EVERY_SECONDS === 0) this.#out.write(`${renderLine(state)}\n`)
  }
}

import { Clock } from '../clock.js'

/** Moves only when told. */
export class FakeClock extends Clock {
  #ms = 1_000_000

  override monotonicMs(): number {
    return this.#ms
  }

  override now(): Date {
    return new Date(this.#ms)
  }

  advance(ms: number): void {
    this.#ms += ms
  }
}

import { type WheelClock } from '../timer-wheel.js'

/** Time that moves when told to; the interval ticks as often as 10 ms fit, like a loop that is never busy. */
export class VirtualTime implements WheelClock {
  time = 1_000
  tick: (() => void) | null = null

  now(): number {
    return this.time
  }

  every(_intervalMs: number, tick: () => void): () => void {
    this.tick = tick
    return () => void (this.tick = null)
  }

  pass(ms: number): void {
    for (let passed = 0; passed < ms; passed += 10) {
      this.time += 10
      this.tick?.()
    }
  }
}

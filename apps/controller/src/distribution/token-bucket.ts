/** So many at once, so many a second. Whoever comes too early is told how long to wait, in turn. */
export class TokenBucket {
  #tokens: number
  #atMs: number

  constructor(
    private readonly burst: number,
    private readonly perSecond: number,
    nowMs: number,
  ) {
    this.#tokens = burst
    this.#atMs = nowMs
  }

  /** Reserves one token. Returns how many milliseconds to wait for it: 0, or in the order of the calls. */
  take(nowMs: number): number {
    this.#tokens = Math.min(this.burst, this.#tokens + ((nowMs - this.#atMs) / 1000) * this.perSecond)
    this.#atMs = nowMs
    this.#tokens--
    return this.#tokens >= 0 ? 0 : (-this.#tokens / this.perSecond) * 1000
  }

  /** Gives back a token that was reserved but not waited for. */
  giveBack(): void {
    this.#tokens = Math.min(this.burst, this.#tokens + 1)
  }
}

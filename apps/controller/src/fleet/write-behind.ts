/** After a failed write. */
const RETRY_MS = 1000

/**
 * Runs `write` after a change, one at a time: what changes during a write goes with the next one. A failed write is
 * tried again until it succeeds, so `write` must leave what it could not write to be taken again.
 */
export class WriteBehind {
  #dirty = false
  #running: Promise<void> | null = null
  #timer: NodeJS.Timeout | undefined

  constructor(
    private readonly write: () => Promise<void>,
    private readonly failed: (error: Error) => void,
  ) {}

  /** Something has changed. */
  touch(): void {
    this.#dirty = true
    this.#start()
  }

  /** Resolves when everything up to now is written; rejects when a write failed meanwhile (it will be tried again). */
  async settled(): Promise<void> {
    while (this.#dirty || this.#running !== null) {
      this.#start()
      await this.#running
    }
  }

  /** Ends the retries. */
  stop(): void {
    clearTimeout(this.#timer)
  }

  #start(): void {
    if (this.#running !== null || !this.#dirty) return
    clearTimeout(this.#timer)
    this.#dirty = false
    this.#running = this.write().then(
      () => {
        this.#running = null
        this.#start()
      },
      (error: Error) => {
        this.#running = null
        this.#dirty = true
        this.#timer = setTimeout(() => this.#start(), RETRY_MS).unref()
        throw error
      },
    )
    // Whoever waits in `settled` gets the rejection; this is for a write that no one waits for.
    this.#running.catch(this.failed)
  }
}

/** Thrown to one who waited too long. */
export class GateTimeout extends Error {}

/** A mutex that serves in the order of asking, and tells who waits too long instead of hanging. */
export class Gate {
  #held = false
  readonly #waiting: Waiter[] = []

  constructor(private readonly waitMs: number) {}

  /** Resolves with the release once all who asked before are done; rejects with `GateTimeout` after `waitMs`. */
  acquire(): Promise<() => void> {
    if (!this.#held) {
      this.#held = true
      return Promise.resolve(this.#releaseOnce())
    }
    return new Promise((resolve, reject) => {
      const waiter: Waiter = {
        enter: () => {
          clearTimeout(timer)
          resolve(this.#releaseOnce())
        },
      }
      const timer = setTimeout(() => {
        this.#waiting.splice(this.#waiting.indexOf(waiter), 1)
        reject(new GateTimeout(`waited ${this.waitMs} ms`))
      }, this.waitMs)
      this.#waiting.push(waiter)
    })
  }

  #releaseOnce(): () => void {
    let released = false
    return () => {
      if (released) return
      released = true
      const next = this.#waiting.shift()
      if (next === undefined) this.#held = false
      else next.enter()
    }
  }
}

interface Waiter {
  enter(): void
}

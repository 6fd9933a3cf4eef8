import { Duplex } from 'node:stream'
import { GateTimeout } from './gate.js'
import type { PgliteSession } from './pglite-session.js'
import { errorResponse, frames, query, readyForQuery, startupAnswer, textOf } from './wire.js'

/**
 * Stands in for the TCP socket of one `pg` connection. Frontend messages are kept until a Query or a Sync completes a
 * batch, the batch runs in the session, and the backend's bytes come out, ReadyForQuery last.
 */
export class PgliteStream extends Duplex {
  #unread: Buffer = Buffer.alloc(0)
  #batch: Buffer[] = []
  #started = false
  /** Held from the first batch until the session is idle again, so over a whole transaction. */
  #release: (() => void) | null = null
  readonly #channels = new Set<string>()

  constructor(private readonly session: PgliteSession) {
    super({ allowHalfOpen: false })
  }

  /** `net.Socket`'s: there is nothing to connect to, so the next tick is soon enough. */
  connect(): this {
    process.nextTick(() => this.emit('connect'))
    return this
  }

  setNoDelay(): this {
    return this
  }

  setKeepAlive(): this {
    return this
  }

  ref(): this {
    return this
  }

  unref(): this {
    return this
  }

  notified(channel: string, message: Buffer): void {
    if (this.#channels.has(channel)) this.push(message)
  }

  override _read(): void {
    // Answers are pushed as they come: a batch has one answer, which is in memory already.
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#unread = this.#unread.length === 0 ? chunk : Buffer.concat([this.#unread, chunk])
    this.#take().then(
      () => done(),
      (error: Error) => done(error),
    )
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.session.forget(this)
    this.#abandon().then(
      () => done(error),
      (failure: Error) => done(error ?? failure),
    )
  }

  async #take(): Promise<void> {
    if (!this.#started) this.#start()
    const { whole, rest } = frames(this.#unread)
    this.#unread = rest
    for (const frame of whole) {
      if (frame.type === 'X') return void this.destroy()
      this.#batch.push(frame.bytes)
      if (frame.type === 'Q') this.#noteListen(textOf(frame))
      if (frame.type === 'Q' || frame.type === 'S') await this.#flush()
    }
  }

  /** The startup message has no type byte; there is nobody to authenticate and nothing to negotiate. */
  #start(): void {
    if (this.#unread.length < 4 || this.#unread.length < this.#unread.readInt32BE(0)) return
    this.#unread = this.#unread.subarray(this.#unread.readInt32BE(0))
    this.#started = true
    this.push(startupAnswer)
  }

  async #flush(): Promise<void> {
    const batch = Buffer.concat(this.#batch)
    this.#batch = []
    try {
      this.#release ??= await this.session.gate.acquire()
    } catch (error) {
      if (!(error instanceof GateTimeout)) throw error
      this.push(Buffer.concat([errorResponse('55P03', lockTimeout(error)), readyForQuery('I')]))
      return
    }
    const answer: Buffer[] = []
    let status = 'I'
    for (const frame of frames(await this.session.run(batch)).whole) {
      if (frame.type === 'Z') status = frame.bytes.toString('latin1', 5, 6)
      if (frame.type === 'A') this.session.notify(textOf(frame, 4), frame.bytes)
      else answer.push(frame.bytes)
    }
    if (status === 'I') this.#leave()
    if (!this.destroyed) this.push(Buffer.concat(answer))
  }

  #noteListen(sql: string): void {
    const match = /^\s*(un)?listen\s+"?(\w+|\*)"?\s*;?\s*$/i.exec(sql)
    if (match === null) return
    if (match[1] === undefined) this.#channels.add(match[2]!)
    else if (match[2] === '*') this.#channels.clear()
    else this.#channels.delete(match[2]!)
  }

  async #abandon(): Promise<void> {
    if (this.#release === null) return
    try {
      await this.session.run(rollback)
    } finally {
      this.#leave()
    }
  }

  #leave(): void {
    this.#release?.()
    this.#release = null
  }
}

const rollback = query('ROLLBACK')

function lockTimeout(error: GateTimeout): string {
  return (
    `${error.message} for another connection's transaction on the embedded database: ` +
    'it holds one transaction at a time, so a transaction must never await another connection'
  )
}

import type { PGlite } from '@electric-sql/pglite'
import { Gate } from './gate.js'
import { PgliteStream } from './pglite-stream.js'

/** How long a statement waits for another connection's transaction before it fails with SQLSTATE 55P03. */
export const lockWaitMs = 10_000

/**
 * Many `pg` connections on PGlite's one session. Each stream speaks the wire protocol to a genuine `pg.Client`; batches
 * run one at a time, and from BEGIN to COMMIT or ROLLBACK nobody else's run (the one session has one transaction).
 * `SET`, named prepared statements and session advisory locks are shared by all: the callers use none of them.
 */
export class PgliteSession {
  readonly #streams = new Set<PgliteStream>()
  readonly gate: Gate

  constructor(
    private readonly pglite: PGlite,
    waitMs = lockWaitMs,
  ) {
    this.gate = new Gate(waitMs)
  }

  /** Give it to `pg` as `{ stream: () => session.connect() }`, on a Client or on a Pool. */
  readonly connect = (): PgliteStream => {
    const stream = new PgliteStream(this)
    this.#streams.add(stream)
    return stream
  }

  /** Runs whole frontend messages that end in a Query or a Sync; the backend's answer to them. */
  async run(messages: Buffer): Promise<Buffer> {
    // WASM runs synchronously: without this turn a row of statements would starve timers and sockets.
    await new Promise(setImmediate)
    return Buffer.from(await this.pglite.execProtocolRaw(messages))
  }

  /** PGlite hands a notification to whoever ran the statement; it belongs to those who listen. */
  notify(channel: string, message: Buffer): void {
    for (const stream of this.#streams) stream.notified(channel, message)
  }

  forget(stream: PgliteStream): void {
    this.#streams.delete(stream)
  }
}

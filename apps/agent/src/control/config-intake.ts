import { applyDelta, compareVersions, formatVersion, type Snapshot, type SnapshotDelta } from '@fairlead/core/snapshot'

/** How the intake answers the stream that brought an update. Calls after the end of that stream go nowhere. */
export interface IntakeReplies {
  ack(snapshot: Snapshot): void
  nack(refused: Pick<SnapshotDelta, 'version' | 'hash'>, reason: string): void
  /** This stream's deltas lead nowhere: a new Hello with an empty hash asks for everything. */
  resync(reason: string): void
}

export interface IntakeOptions {
  /** What runs already, from disk. */
  readonly initial: Snapshot | null
  /** Makes the snapshot what runs, or throws and leaves what ran. */
  readonly apply: (snapshot: Snapshot) => void | Promise<void>
  /** Keeps it for the next start. */
  readonly persist: (snapshot: Snapshot) => Promise<void>
  /** What runs cannot be kept: null when it could be again. */
  readonly onPersistError: (error: Error | null) => void
}

/**
 * Takes updates in their order, applies the newest.
 *
 * Each delta is checked and laid on its base as it comes, which costs a hash over part names and changed parts; tables
 * are built and files written only for the newest that waits when the last apply is done, so a slow host skips
 * versions instead of falling behind. A delta may start from what runs or from what was received last: the controller
 * need not wait for an ACK before it sends the next, and a NACK does not break the chain.
 *
 * Versions never go down within a stream. Only the first update of a stream, and only if it is a full snapshot (empty
 * base), may name an older version than the one that runs: it answers our Hello, so the controller knows what runs
 * here and means it, as after its store was replaced. An older delta is a stray: it is dropped, and a new Hello asks for
 * a full snapshot.
 *
 * The order is apply, persist, ACK: what was acknowledged is what this agent starts from. Where it cannot be kept (a
 * full disk) the agent serves it all the same, acknowledges what it serves, and says that it is not kept.
 */
export class ConfigIntake {
  readonly #options: IntakeOptions
  #running: Snapshot | null
  #received: Snapshot | null
  #firstOfStream = true
  #waiting: { readonly snapshot: Snapshot; readonly replies: IntakeReplies } | null = null
  #work: Promise<void> | null = null

  constructor(options: IntakeOptions) {
    this.#options = options
    this.#running = options.initial
    this.#received = options.initial
  }

  /** What is applied, and kept as far as that is possible. */
  get running(): Snapshot | null {
    return this.#running
  }

  /** Before each Hello. Resolves when nothing is being applied, so that the Hello says what is so. */
  async beginStream(): Promise<void> {
    this.#waiting = null
    await this.#work
    this.#received = this.#running
    this.#firstOfStream = true
  }

  receive(delta: SnapshotDelta, replies: IntakeReplies): void {
    const mayBeOlder = this.#firstOfStream && delta.baseHash === ''
    this.#firstOfStream = false
    const newest = this.#received
    if (newest !== null && !mayBeOlder && compareVersions(delta.version, newest.version) < 0) {
      return replies.resync(
        `version ${formatVersion(delta.version)} is older than ${formatVersion(newest.version)} here`,
      )
    }
    const base = this.#baseOf(delta)
    if (base === undefined) return replies.resync(`an update starts from ${delta.baseHash}, which is not here`)
    try {
      this.#received = applyDelta(base, delta)
    } catch (error) {
      return replies.nack(delta, (error as Error).message)
    }
    this.#waiting = { snapshot: this.#received, replies }
    this.#work ??= this.#drain()
  }

  #baseOf(delta: SnapshotDelta): Snapshot | null | undefined {
    if (delta.baseHash === '') return null
    return [this.#received, this.#running].find((snapshot) => snapshot?.hash === delta.baseHash)
  }

  async #drain(): Promise<void> {
    for (let next = this.#waiting; next !== null; next = this.#waiting) {
      this.#waiting = null
      await this.#take(next.snapshot, next.replies)
    }
    this.#work = null
  }

  async #take(snapshot: Snapshot, replies: IntakeReplies): Promise<void> {
    try {
      await this.#options.apply(snapshot)
    } catch (error) {
      return replies.nack(snapshot, (error as Error).message)
    }
    this.#running = snapshot
    await this.#options.persist(snapshot).then(
      () => this.#options.onPersistError(null),
      (error: Error) => this.#options.onPersistError(error),
    )
    replies.ack(snapshot)
  }
}

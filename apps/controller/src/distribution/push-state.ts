import { compareVersions, type PartKey, type Snapshot, type SnapshotVersion } from '@fairlead/core/snapshot'
import type { Refusal } from '../fleet/live-session.js'

/** What is known of the parts that an agent has. */
export type Base =
  | { readonly kind: 'nothing' }
  /** A hash that is not known here: ask for the inventory. */
  | { readonly kind: 'unknown' }
  | { readonly kind: 'inventory'; readonly parts: ReadonlyMap<PartKey, string> }
  | { readonly kind: 'snapshot'; readonly snapshot: Snapshot }

/** What to send next, if anything. */
export type Push =
  | { readonly kind: 'none' }
  | { readonly kind: 'request-inventory' }
  | { readonly kind: 'update'; readonly base: Base; readonly target: Snapshot }

const nothing: Push = { kind: 'none' }

/**
 * One agent's side of the update protocol, without I/O. At most one message waits for the agent's answer, so that an
 * agent which is slow to answer gets the newest state next, whatever happened in between.
 */
export class PushState {
  #base: Base
  #runningHash: string
  #running: SnapshotVersion
  #inFlight: Snapshot | null = null
  #awaitsInventory = false
  #refusedHash: string | null = null
  #refusal: Refusal | null = null

  /** From the Hello; `known` is the snapshot of that hash if it is still at hand. */
  constructor(hello: { readonly hash: string; readonly version: SnapshotVersion }, known: Snapshot | undefined) {
    this.#runningHash = hello.hash
    this.#running = hello.version
    if (hello.hash === '') this.#base = { kind: 'nothing' }
    else this.#base = known === undefined ? { kind: 'unknown' } : { kind: 'snapshot', snapshot: known }
  }

  /** What the agent runs, as it last said. */
  get running(): SnapshotVersion {
    return this.#running
  }

  /** The refusal of what it should run; null when it has not refused, or something has changed since. */
  get refusal(): Refusal | null {
    return this.#refusal
  }

  /** Nothing waits for the agent's answer. */
  get idle(): boolean {
    return this.#inFlight === null && !this.#awaitsInventory
  }

  /** The next message towards `target`; it counts as sent. */
  next(target: Snapshot): Push {
    if (!this.idle) return nothing
    if (this.#refusedHash === target.hash) {
      // The same content under a new number would be refused again.
      if (this.#refusal !== null) this.#refusal = { ...this.#refusal, version: target.version }
      return nothing
    }
    this.#refusedHash = this.#refusal = null
    const order = compareVersions(target.version, this.#running)
    if (target.hash === this.#runningHash && order === 0) return nothing
    if (order < 0) {
      // The agent has seen higher numbers than this store knows. Only a full snapshot may take it back.
      return this.#send({ kind: 'nothing' }, target)
    }
    // Only the number is new: that needs no inventory.
    if (target.hash === this.#runningHash) return this.#send({ kind: 'snapshot', snapshot: target }, target)
    if (this.#base.kind === 'unknown') {
      this.#awaitsInventory = true
      return { kind: 'request-inventory' }
    }
    return this.#send(this.#base, target)
  }

  /** True if that was an answer to what is in flight. */
  acked(hash: string): boolean {
    const snapshot = this.#inFlight
    if (snapshot === null || snapshot.hash !== hash) return false
    this.#inFlight = null
    this.#base = { kind: 'snapshot', snapshot }
    this.#runningHash = snapshot.hash
    this.#running = snapshot.version
    return true
  }

  /** True if that was an answer to what is in flight. */
  nacked(hash: string, reason: string, at: Date): boolean {
    const snapshot = this.#inFlight
    if (snapshot === null || snapshot.hash !== hash) return false
    this.#inFlight = null
    this.#refusedHash = hash
    this.#refusal = { version: snapshot.version, reason, at }
    // Perhaps it was refused because the agent has something else than we believe.
    if (this.#base.kind !== 'nothing') this.#base = { kind: 'unknown' }
    return true
  }

  /** True if it was asked for. */
  inventory(parts: ReadonlyMap<PartKey, string>): boolean {
    if (!this.#awaitsInventory) return false
    this.#awaitsInventory = false
    this.#base = { kind: 'inventory', parts }
    return true
  }

  #send(base: Base, target: Snapshot): Push {
    this.#inFlight = target
    return { kind: 'update', base, target }
  }
}

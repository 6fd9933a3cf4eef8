import { compareVersions } from '@fairlead/core/snapshot'
import type { ControllerMessage } from '@fairlead/proto'
import { status } from '@grpc/grpc-js'
import type { AgentKey } from '../fleet/agent-record.js'
import type { LiveSession, SyncStatus } from '../fleet/live-session.js'
import type { SharedScope } from './mesh-compiler.js'
import { convergenceTime, nacks } from './metrics.js'
import type { PushState } from './push-state.js'
import type { SnapshotCache } from './snapshot-cache.js'
import type { SnapshotSource } from './snapshot-source.js'
import { endCall, failCall, type StreamCall } from './stream-call.js'
import type { Updates } from './updates.js'

const REASON_MAX = 4096

/** What all streams share. */
export interface StreamContext {
  readonly source: SnapshotSource
  readonly updates: Updates
  readonly cache: SnapshotCache
}

/**
 * An admitted agent: what it runs, what it should run, and the sending of what lies between. It holds at most one
 * Update that was not answered, so a slow agent costs one message and nobody's time.
 */
export class AgentStream implements LiveSession {
  /** It has said Goodbye, and is let go when the others know. */
  isLeaving = false
  #isOpen = true
  #behindSinceMs: number | null = null
  /** What this stream last told the agent; null: nothing. */
  #announcedDrain: boolean | null = null
  #owesDrain = false

  constructor(
    readonly key: AgentKey,
    readonly instanceEpoch: number,
    private readonly scope: SharedScope,
    private readonly call: StreamCall,
    private readonly push: PushState,
    private readonly context: StreamContext,
  ) {}

  get isOpen(): boolean {
    return this.#isOpen
  }

  /** The number of the endpoints that the agent runs with. */
  get acknowledgedEndpoints(): number {
    return this.push.running.endpoints
  }

  get announcedDrain(): boolean | null {
    return this.#announcedDrain
  }

  status(): SyncStatus {
    const target = this.context.source.version
    const { running: version, refusal: nack } = this.push
    if (compareVersions(version, target) === 0) return { sync: 'SYNCED', version, target, nack }
    const isRefused = nack !== null && compareVersions(nack.version, target) === 0
    return { sync: isRefused ? 'NACK' : 'STALE', version, target, nack }
  }

  /** Something has changed at this time; `advance` will look at it. */
  noteChange(nowMs: number): void {
    this.#behindSinceMs ??= nowMs
  }

  /** Sends what leads to the newest state, unless the agent still owes an answer. */
  advance(): void {
    if (!this.#isOpen || !this.push.idle) return
    const target = this.context.source.snapshotFor(this.scope)
    const next = this.push.next(target)
    switch (next.kind) {
      case 'none':
        this.#behindSinceMs = null
        return
      case 'request-inventory':
        return this.#write({ $case: 'inventoryRequest', value: {} })
      case 'update':
        this.context.cache.put(target)
        this.call.write(this.context.updates.message(next.base, target))
    }
  }

  acked(hash: string, nowMs: number): void {
    if (!this.push.acked(hash) || this.#behindSinceMs === null) return
    // What has changed while this was under way is still to come, and counts from its first change.
    if (compareVersions(this.push.running, this.context.source.version) !== 0) return
    convergenceTime.observe((nowMs - this.#behindSinceMs) / 1000)
    this.#behindSinceMs = null
  }

  nacked(hash: string, reason: string): void {
    if (!this.push.nacked(hash, reason.slice(0, REASON_MAX), new Date())) return
    nacks.inc()
    this.#behindSinceMs = null
  }

  inventory(parts: Parameters<PushState['inventory']>[0]): void {
    this.push.inventory(parts)
  }

  announceDrain(draining: boolean): void {
    this.#announcedDrain = draining
    if (!this.call.writableNeedDrain) return this.#write({ $case: 'drain', value: { draining } })
    // It does not read: only the last word counts, or an agent that asks again and again would fill the memory.
    if (this.#owesDrain) return
    this.#owesDrain = true
    this.call.once('drain', () => {
      this.#owesDrain = false
      this.#write({ $case: 'drain', value: { draining: this.#announcedDrain === true } })
    })
  }

  announceUndrain(): void {
    this.announceDrain(false)
  }

  supersede(): void {
    this.fail(status.ALREADY_EXISTS, 'another instance of this agent has connected')
  }

  fail(code: status, details: string): void {
    this.#isOpen = false
    failCall(this.call, code, details)
  }

  /** Ends with OK after what was written. */
  finish(): void {
    this.#isOpen = false
    endCall(this.call)
  }

  /** The transport is gone. */
  closed(): void {
    this.#isOpen = false
  }

  #write(message: NonNullable<ControllerMessage['message']>): void {
    if (this.#isOpen) this.call.write({ message })
  }
}

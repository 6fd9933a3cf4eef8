import type { SnapshotVersion } from '@fairlead/core/snapshot'

export interface Refusal {
  readonly version: SnapshotVersion
  readonly reason: string
  readonly at: Date
}

/** How far an agent is. SYNCED: it acknowledged the target; STALE: not yet; NACK: it refused the target. */
export interface SyncStatus {
  readonly sync: 'SYNCED' | 'STALE' | 'NACK'
  /** What it runs, as it last said. */
  readonly version: SnapshotVersion
  /** What it should run. */
  readonly target: SnapshotVersion
  readonly nack: Refusal | null
}

/** An agent's open stream, as the registry needs it. `distribution` has the implementation. */
export interface LiveSession {
  readonly instanceEpoch: number
  status(): SyncStatus
  /** Another instance of the agent has taken its place: end the stream, saying so. */
  supersede(): void
  /** Tells the agent that its workload takes traffic again. */
  announceUndrain(): void
}

import type { AgentScope, Workload } from '@fairlead/core/compile'
import type { Snapshot, SnapshotVersion } from '@fairlead/core/snapshot'
import type { HeadState } from '../revisions/mesh-head.js'

/** What of an agent decides on its snapshot. The name does not: agents that differ in nothing else share one. */
export type SharedScope = Omit<AgentScope, 'name'>

export interface MeshState {
  readonly head: HeadState
  readonly workloads: readonly Workload[]
  readonly version: SnapshotVersion
}

/** The one way from resources to snapshots. */
export abstract class MeshCompiler {
  /** Keeps between calls whatever the next one can use again. */
  abstract compile(state: MeshState, scope: SharedScope): Snapshot
}

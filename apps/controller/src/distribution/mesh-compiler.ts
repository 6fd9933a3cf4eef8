import type { Snapshot, SnapshotVersion } from '@fairlead/core/snapshot'
import type { Workload } from '../fleet/workload.js'
import type { HeadState } from '../revisions/mesh-head.js'

/** What of an agent decides on its snapshot. */
export interface AgentScope {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly role: 'sidecar' | 'gateway'
  readonly locality: string
  readonly inbound: readonly {
    readonly address: string
    readonly port: number
    readonly applicationPort: number
  }[]
}

export interface MeshState {
  readonly head: HeadState
  readonly workloads: readonly Workload[]
  readonly version: SnapshotVersion
}

/** The one way from resources to snapshots; core's compile behind it. */
export abstract class MeshCompiler {
  /** Keeps between calls whatever the next one can use again. */
  abstract compile(state: MeshState, scope: AgentScope): Snapshot
}

import type { Labels, Mesh } from '../mesh/index.js'
import type { SnapshotVersion } from '../snapshot/index.js'

/** All that a snapshot is made of. Equal values give equal bytes, in whatever order they come. */
export interface CompileInput {
  readonly mesh: Mesh
  /** Pass the same array for all agents of one state: what it is searched for is remembered by its identity. */
  readonly workloads: readonly Workload[]
  readonly scope: AgentScope
  readonly version: SnapshotVersion
}

/** An instance that is to be served: ready or stale, not drained. Immutable. */
export interface Workload {
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  /** Where other agents reach it. */
  readonly address: string
  /** `region/zone/subzone`, possibly shorter or empty. */
  readonly locality: string
  /** Application port -> port that its agent has bound for it. */
  readonly ports: ReadonlyMap<number, number>
}

/** What a snapshot depends on of the agent that it is for. */
export interface AgentScope {
  readonly namespace: string
  readonly name: string
  readonly labels: Labels
  readonly role: 'sidecar' | 'gateway'
  readonly locality: string
  readonly inbound: readonly InboundBind[]
}

export interface InboundBind {
  readonly address: string
  readonly port: number
  readonly applicationPort: number
  /** IP address that the application listens on; absent: 127.0.0.1. */
  readonly applicationAddress?: string
}

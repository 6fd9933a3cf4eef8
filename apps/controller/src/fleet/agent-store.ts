import type { AgentKey, AgentRecord } from './agent-record.js'

export interface StoredFleet {
  readonly agents: readonly AgentRecord[]
  /** Number of the newest set of endpoints. */
  readonly endpointsVersion: number
}

export interface FleetChanges {
  readonly changed: readonly AgentRecord[]
  readonly forgotten: readonly AgentKey[]
  readonly endpointsVersion: number
}

/** Where the registry outlives the controller. */
export abstract class AgentStore {
  abstract load(): Promise<StoredFleet>
  /** All of it or nothing; durable when it resolves. */
  abstract save(changes: FleetChanges): Promise<void>
}

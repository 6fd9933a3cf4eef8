import { type AgentKey, agentKey, type AgentRecord } from '../agent-record.js'
import { AgentStore, type FleetChanges, type StoredFleet } from '../agent-store.js'

/** Outlives an application, as a database does. */
export class MemoryStore extends AgentStore {
  readonly agents = new Map<AgentKey, AgentRecord>()
  endpointsVersion = 0
  saves = 0
  /** Makes every save fail. */
  failure: Error | null = null

  override load(): Promise<StoredFleet> {
    return Promise.resolve({ agents: [...this.agents.values()], endpointsVersion: this.endpointsVersion })
  }

  override save({ changed, forgotten, endpointsVersion }: FleetChanges): Promise<void> {
    if (this.failure !== null) return Promise.reject(this.failure)
    this.saves++
    for (const record of changed) this.agents.set(agentKey(record.namespace, record.name), record)
    for (const key of forgotten) this.agents.delete(key)
    this.endpointsVersion = endpointsVersion
    return Promise.resolve()
  }
}

/** `namespace/name`: who an agent is, before it has an identity of its own. */
export type AgentKey = string

export function agentKey(namespace: string, name: string): AgentKey {
  return `${namespace}/${name}`
}

/** A namespace has no slash. */
export function splitAgentKey(key: AgentKey): { readonly namespace: string; readonly name: string } {
  const slash = key.indexOf('/')
  return { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}

export type AgentRole = 'sidecar' | 'gateway'

/** A port of the application, and the bind at which the agent takes traffic for it. */
export interface InboundBind {
  /** IPv4 or IPv6 address; `0.0.0.0` and `::` are any. */
  readonly bindAddress: string
  readonly bindPort: number
  readonly applicationPort: number
  /** Where on its host the application listens. */
  readonly applicationAddress: string
}

/** What an agent says of itself in its Hello. */
export interface Registration {
  readonly namespace: string
  readonly name: string
  readonly labels: Readonly<Record<string, string>>
  readonly role: AgentRole
  /** Where other agents reach this host; empty for an agent that serves nothing. */
  readonly address: string
  /** `region/zone/subzone`, may be shorter or empty. */
  readonly locality: string
  readonly inbound: readonly InboundBind[]
  readonly agentVersion: string
  /** Grows with each start of the agent process. */
  readonly instanceEpoch: number
}

/** Who asked for the drain: an operator's lasts until it is undone, the agent's own ends with its process. */
export type Drain = 'none' | 'agent' | 'operator'

/** Whether the workload counts as there: `stale` is silent but kept, `removed` stopped cleanly or was silent too long. */
export type Presence = 'ready' | 'stale' | 'removed'

/** One agent as it is remembered over restarts of the controller. Immutable: a change is a new record. */
export interface AgentRecord extends Registration {
  readonly registeredAt: Date
  readonly lastSeen: Date
  readonly drain: Drain
  readonly presence: Presence
}

export type EndpointState = 'ready' | 'draining' | 'stale' | 'removed'

export function endpointState(record: AgentRecord): EndpointState {
  return record.presence !== 'removed' && record.drain !== 'none' ? 'draining' : record.presence
}

/** Others may send it traffic. */
export function isServed(record: AgentRecord): boolean {
  return record.presence !== 'removed' && record.drain === 'none' && record.address !== ''
}

import type { Workload } from '@fairlead/core/compile'
import { type AgentKey, agentKey, type AgentRecord, isServed } from './agent-record.js'

/** Every workload that gets traffic, under the number of this state. Immutable: a change is the next set. */
export interface WorkloadSet {
  /** `SnapshotVersion.endpoints`. */
  readonly version: number
  /** In order of namespace and name. */
  readonly workloads: readonly Workload[]
  /** Agents whose endpoint is withdrawn because someone asked for it. */
  readonly draining: ReadonlySet<AgentKey>
}

export function workloadSet(version: number, records: Iterable<AgentRecord>): WorkloadSet {
  const sorted = [...records].sort((a, b) => compare(a.namespace, b.namespace) || compare(a.name, b.name))
  return {
    version,
    workloads: sorted.filter(isServed).map(workloadOf),
    draining: new Set(sorted.filter((r) => r.drain !== 'none').map((r) => agentKey(r.namespace, r.name))),
  }
}

/** Others would see no difference between the two. */
export function servesAlike(before: AgentRecord | undefined, after: AgentRecord | undefined): boolean {
  return served(before) === served(after)
}

function served(record: AgentRecord | undefined): string {
  if (record === undefined || !isServed(record)) return ''
  const { labels, address, locality, inbound } = record
  const byKey = Object.entries(labels).sort(([a], [b]) => compare(a, b))
  const ports = inbound.map(({ applicationPort, bindPort }) => [applicationPort, bindPort])
  return JSON.stringify([byKey, address, locality, ports])
}

function workloadOf({ namespace, name, labels, address, locality, inbound }: AgentRecord): Workload {
  const ports = new Map(inbound.map(({ applicationPort, bindPort }) => [applicationPort, bindPort]))
  return { namespace, name, labels, address, locality, ports }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

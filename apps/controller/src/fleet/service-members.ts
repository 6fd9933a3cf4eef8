import type { HeadState } from '../revisions/mesh-head.js'
import { type AgentKey, agentKey, type AgentRecord } from './agent-record.js'

/** Names of the services (`namespace/name` of the ServiceEntry) with those of `records` that are their instances. */
export function serviceMembers(
  head: HeadState,
  records: readonly AgentRecord[],
): ReadonlyMap<string, readonly AgentKey[]> {
  const members = new Map<string, readonly AgentKey[]>()
  for (const resource of head.resources.values()) {
    if (resource.kind !== 'ServiceEntry') continue
    const selector = (resource.spec as ServiceEntrySpec).workloadSelector?.labels
    if (selector === undefined) continue
    const { namespace, name } = resource.metadata
    const wanted = Object.entries(selector)
    const selected = records.filter(
      (record) => record.namespace === namespace && wanted.every(([label, value]) => record.labels[label] === value),
    )
    members.set(
      `${namespace}/${name}`,
      selected.map((record) => agentKey(record.namespace, record.name)),
    )
  }
  return members
}

/** The one field that is read here (Istio's ServiceEntry.workloadSelector). */
interface ServiceEntrySpec {
  readonly workloadSelector?: { readonly labels?: Readonly<Record<string, string>> }
}

import { isWildcard, matchesLabels, type EndpointSource, type Labels } from '../mesh/index.js'
import type { Endpoint, EndpointsPart } from '../snapshot/index.js'
import { inboundCluster, outboundCluster } from './cluster-name.js'
import type { CompileInput, Workload } from './compile-input.js'
import { partTask, type PartTask } from './part-task.js'
import { serviceSubsets, type ServiceSubset } from './service-subsets.js'
import { selectWorkloads, type PlainWorkload } from './workload-index.js'

export function endpointsTasks({ mesh, scope, workloads }: CompileInput): readonly PartTask[] {
  const inbound = scope.inbound.map(({ applicationPort: port, applicationAddress: address = '127.0.0.1' }) =>
    partTask('endpoints', inboundCluster(port), { address, port }, compileInbound),
  )
  return [...inbound, ...outboundTasks(serviceSubsets(mesh, scope), workloads)]
}

const known = new WeakMap<readonly Workload[], WeakMap<readonly ServiceSubset[], readonly PartTask[]>>()

function outboundTasks(subsets: readonly ServiceSubset[], workloads: readonly Workload[]): readonly PartTask[] {
  const ofWorkloads = known.get(workloads) ?? new WeakMap<readonly ServiceSubset[], readonly PartTask[]>()
  known.set(workloads, ofWorkloads)
  let tasks = ofWorkloads.get(subsets)
  if (tasks === undefined) ofWorkloads.set(subsets, (tasks = subsets.map((subset) => outboundTask(subset, workloads))))
  return tasks
}

function outboundTask({ service, port, subset, labels }: ServiceSubset, workloads: readonly Workload[]): PartTask {
  const name = outboundCluster(port.number, subset, service.host)
  const selected = port.sources.map((source) => selectWorkloads(workloads, source))
  return partTask('endpoints', name, { name, labels, sources: port.sources, selected }, compileOutbound)
}

interface OutboundInput {
  readonly name: string
  /** Labels of the subset; none: all endpoints. */
  readonly labels: Labels
  readonly sources: readonly EndpointSource[]
  /** Per source the workloads that its selector matches. */
  readonly selected: readonly (readonly PlainWorkload[])[]
}

function compileOutbound({ name, labels, sources, selected }: OutboundInput): EndpointsPart {
  const endpoints = sources.flatMap((source, i) =>
    source.selector === null ? staticEndpoints(source, labels) : workloadEndpoints(source, selected[i]!, labels),
  )
  return { type: 'endpoints', name, endpoints: endpoints.sort(compareEndpoints) }
}

/** As written; DNS without endpoints resolves the host itself (S60). */
function staticEndpoints(source: EndpointSource, labels: Labels): readonly Endpoint[] {
  const resolvesHost = source.endpoints.length === 0 && source.resolution.startsWith('DNS') && !isWildcard(source.host)
  const written = resolvesHost ? [{ address: source.host }] : source.endpoints
  return written.flatMap((entry) => {
    if (!entry.address || !matchesLabels(labels, entry.labels ?? {})) return []
    const port = entry.ports?.[source.portName] ?? source.targetPort
    const { address, weight, locality = '' } = entry
    return [{ address, port, weight: weight || 1, locality, workload: '' }]
  })
}

/** A workload that has not bound the port for its application is no endpoint of it. */
function workloadEndpoints(
  source: EndpointSource,
  workloads: readonly PlainWorkload[],
  labels: Labels,
): readonly Endpoint[] {
  return workloads.flatMap((workload) => {
    const port = workload.ports[source.targetPort]
    if (port === undefined || !matchesLabels(labels, workload.labels)) return []
    const { address, locality, name } = workload
    return [{ address, port, weight: 1, locality, workload: name }]
  })
}

function compareEndpoints(a: Endpoint, b: Endpoint): number {
  return compareText(a.address, b.address) || a.port - b.port || compareText(a.workload, b.workload)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

function compileInbound({ address, port }: { readonly address: string; readonly port: number }): EndpointsPart {
  const local: Endpoint = { address, port, weight: 1, locality: '', workload: '' }
  return { type: 'endpoints', name: inboundCluster(port), endpoints: [local] }
}

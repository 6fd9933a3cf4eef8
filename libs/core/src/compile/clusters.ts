import { effectivePolicy, type Resolution } from '../mesh/index.js'
import { durationMs, type LoadBalancerSettings, type TrafficPolicy } from '../resources/index.js'
import type { ClusterPart, LoadBalancer } from '../snapshot/index.js'
import { inboundCluster, outboundCluster } from './cluster-name.js'
import type { CompileInput } from './compile-input.js'
import { partTask, type PartTask } from './part-task.js'
import { serviceSubsets, type ServiceSubset } from './service-subsets.js'

const CONNECT_TIMEOUT_MS = 10_000

export function clusterTasks({ mesh, scope }: CompileInput): readonly PartTask[] {
  const inbound = scope.inbound.map(({ applicationPort }) =>
    partTask('cluster', inboundCluster(applicationPort), { applicationPort }, compileInbound),
  )
  return [...inbound, ...outboundTasks(serviceSubsets(mesh, scope))]
}

const known = new WeakMap<readonly ServiceSubset[], readonly PartTask[]>()

function outboundTasks(subsets: readonly ServiceSubset[]): readonly PartTask[] {
  let tasks = known.get(subsets)
  if (tasks === undefined) known.set(subsets, (tasks = subsets.map(outboundTask)))
  return tasks
}

function outboundTask({ service, port, subset, rulePolicy, subsetPolicy }: ServiceSubset): PartTask {
  const input = { host: service.host, port: port.number, subset, resolution: port.resolution, rulePolicy, subsetPolicy }
  return partTask('cluster', outboundCluster(port.number, subset, service.host), input, compileOutbound)
}

interface OutboundInput {
  readonly host: string
  readonly port: number
  readonly subset: string
  readonly resolution: Resolution
  readonly rulePolicy: TrafficPolicy | undefined
  readonly subsetPolicy: TrafficPolicy | undefined
}

function compileOutbound({ host, port, subset, resolution, rulePolicy, subsetPolicy }: OutboundInput): ClusterPart {
  const policy = effectivePolicy(rulePolicy, subsetPolicy, port)
  const connectTimeout = policy.connectionPool?.tcp?.connectTimeout
  return {
    type: 'cluster',
    name: outboundCluster(port, subset, host),
    direction: 'outbound',
    service: { host, port, subset },
    discovery: resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN' ? 'dns' : 'endpoints',
    loadBalancer: loadBalancer(policy.loadBalancer),
    connectTimeoutMs: connectTimeout === undefined ? CONNECT_TIMEOUT_MS : durationMs(connectTimeout),
  }
}

/** Istio's default is LEAST_REQUEST; what is pending (PASSTHROUGH, consistentHash) falls back to it. */
function loadBalancer(settings: LoadBalancerSettings | undefined): LoadBalancer {
  const simple = settings?.simple
  return simple === 'ROUND_ROBIN' || simple === 'RANDOM' ? simple : 'LEAST_REQUEST'
}

function compileInbound({ applicationPort }: { readonly applicationPort: number }): ClusterPart {
  return {
    type: 'cluster',
    name: inboundCluster(applicationPort),
    direction: 'inbound',
    service: { host: 'localhost', port: applicationPort, subset: '' },
    discovery: 'endpoints',
    loadBalancer: 'ROUND_ROBIN',
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
  }
}

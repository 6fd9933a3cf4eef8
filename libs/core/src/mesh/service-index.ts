import type { Resource, ServiceEntrySpec, ServicePort, WorkloadEntrySpec } from '../resources/index.js'
import { resolveHost } from './host.js'
import type { Labels } from './labels.js'
import { isExportedTo } from './visibility.js'

/** A host as one client namespace sees it. */
export interface Service {
  readonly host: string
  readonly namespace: string
  /** Ascending by number. */
  readonly ports: readonly MeshPort[]
}

export interface MeshPort {
  readonly number: number
  readonly isHttp: boolean
  readonly resolution: Resolution
  /** Usually one; several ServiceEntries of a namespace may add endpoints to one port of one host. */
  readonly sources: readonly EndpointSource[]
}

export type Resolution = NonNullable<ServiceEntrySpec['resolution']>

/** Where the endpoints of one port of one ServiceEntry come from. The same object for as long as the Mesh lives. */
export interface EndpointSource {
  readonly namespace: string
  readonly portName: string
  /** The port of endpoints that do not say otherwise. */
  readonly targetPort: number
  /** The ServiceEntry's own name, for DNS without endpoints. */
  readonly host: string
  readonly resolution: Resolution
  /** Labels of the workloads that serve it; null: the endpoints are written out. */
  readonly selector: Labels | null
  readonly endpoints: readonly WorkloadEntrySpec[]
}

/** The services of a mesh by the namespace that looks at them. */
export class ServiceIndex {
  readonly #entries: readonly HostEntry[]
  readonly #views = new Map<string, ReadonlyMap<string, Service>>()

  /** `entries`: the oldest first. */
  constructor(entries: readonly Resource<ServiceEntrySpec>[], meshDomain: string) {
    this.#entries = entries.flatMap((entry) => hostEntries(entry, meshDomain))
  }

  /** By host, sorted by host. Of equal hosts the client's own namespace is preferred, then the oldest. */
  visibleTo(namespace: string): ReadonlyMap<string, Service> {
    let view = this.#views.get(namespace)
    if (view === undefined) this.#views.set(namespace, (view = this.#buildView(namespace)))
    return view
  }

  #buildView(namespace: string): ReadonlyMap<string, Service> {
    const byHost = new Map<string, HostEntry[]>()
    for (const entry of this.#entries) {
      if (!isExportedTo(entry.exportTo, entry.namespace, namespace)) continue
      const others = byHost.get(entry.host)
      if (others === undefined) byHost.set(entry.host, [entry])
      else others.push(entry)
    }
    const view = new Map<string, Service>()
    for (const host of [...byHost.keys()].sort()) {
      const entries = byHost.get(host)!
      const own = entries.find((entry) => entry.namespace === namespace) ?? entries[0]!
      view.set(host, mergeEntries(entries.filter((entry) => entry.namespace === own.namespace)))
    }
    return view
  }
}

/** One host of one ServiceEntry. */
interface HostEntry {
  readonly host: string
  readonly namespace: string
  readonly exportTo: readonly string[] | undefined
  readonly ports: readonly MeshPort[]
}

function hostEntries({ metadata, spec }: Resource<ServiceEntrySpec>, meshDomain: string): readonly HostEntry[] {
  const hosts = new Set(spec.hosts.map((host) => resolveHost(host, metadata.namespace, meshDomain)))
  return Array.from(hosts, (host) => {
    const ports = (spec.ports ?? []).map((port) => meshPort(host, metadata.namespace, spec, port))
    return { host, namespace: metadata.namespace, exportTo: spec.exportTo, ports }
  })
}

function meshPort(host: string, namespace: string, spec: ServiceEntrySpec, port: ServicePort): MeshPort {
  const resolution = spec.resolution ?? 'NONE'
  const source: EndpointSource = {
    namespace,
    portName: port.name,
    targetPort: port.targetPort ?? port.number,
    host,
    resolution,
    selector: spec.workloadSelector === undefined ? null : (spec.workloadSelector.labels ?? {}),
    endpoints: spec.endpoints ?? [],
  }
  // Istio detects the protocol of a port that names none; what arrives at an HTTP proxy is HTTP.
  const isHttp = port.protocol === undefined || port.protocol === 'HTTP'
  return { number: port.number, isHttp, resolution, sources: [source] }
}

/** Entries of one host and namespace, the oldest first: it decides on a port, the others add endpoints of its kind. */
function mergeEntries(entries: readonly HostEntry[]): Service {
  const { host, namespace } = entries[0]!
  const ports = new Map<number, MeshPort>()
  for (const port of entries.flatMap((entry) => entry.ports)) {
    const older = ports.get(port.number)
    if (older === undefined) ports.set(port.number, port)
    else if (older.resolution === port.resolution) {
      ports.set(port.number, { ...older, sources: [...older.sources, ...port.sources] })
    }
  }
  return { host, namespace, ports: [...ports.values()].sort((a, b) => a.number - b.number) }
}

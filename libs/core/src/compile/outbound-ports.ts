import { MESH_GATEWAY, covers, isWildcard, type BoundVirtualService, type Mesh, type Service } from '../mesh/index.js'
import { outboundCluster } from './cluster-name.js'
import { perMesh } from './per-mesh.js'
import { routeSource } from './route-sources.js'
import type { RouteSource, VirtualHostInput } from './virtual-host-input.js'

/** A port at which the sidecars of one namespace reach services. */
export interface OutboundPort {
  readonly port: number
  readonly virtualHosts: readonly VirtualHostInput[]
}

/** The port on which hosts take effect that no ServiceEntry names (S12). */
const HTTP_PORT = 80

const views = perMesh<readonly OutboundPort[]>()

/** Ascending by port. The same object for all agents of a namespace. */
export function outboundPorts(mesh: Mesh, namespace: string): readonly OutboundPort[] {
  return views(mesh, namespace, () => buildView(mesh, namespace))
}

function buildView(mesh: Mesh, namespace: string): readonly OutboundPort[] {
  const services = [...mesh.services(namespace).values()]
  const numbers = new Set(services.flatMap(({ ports }) => ports.filter((p) => p.isHttp).map((p) => p.number)))
  const routes = mesh.sidecarRoutes(namespace)
  const sources = new Map<BoundVirtualService, RouteSource>()
  const sourcesOf = (virtualService: BoundVirtualService | null): readonly RouteSource[] => {
    if (virtualService === null) return []
    const source = sources.get(virtualService) ?? routeSource(virtualService, MESH_GATEWAY, mesh, namespace)
    sources.set(virtualService, source)
    return [source]
  }
  const view = new Map<number, OutboundPort>()
  for (const port of numbers.add(HTTP_PORT)) {
    const onPort = services.filter(({ ports }) => ports.some((p) => p.isHttp && p.number === port))
    const unregistered = port === HTTP_PORT ? hostsWithoutService([...routes.byHost.keys()], onPort) : []
    const domains = new Domains([...onPort.map(({ host }) => host), ...unregistered])
    const virtualHosts = [
      ...onPort.map(({ host }) =>
        virtualHost(host, port, domains.of(host, namespace, mesh), {
          sources: sourcesOf(routes.find(host)),
          defaultCluster: outboundCluster(port, '', host),
        }),
      ),
      ...unregistered.map((host) =>
        virtualHost(host, port, domains.of(host, namespace, mesh), {
          sources: sourcesOf(routes.byHost.get(host)!),
          defaultCluster: null,
        }),
      ),
    ]
    if (virtualHosts.length > 0) view.set(port, { port, virtualHosts })
  }
  return [...view.values()].sort((a, b) => a.port - b.port)
}

/** A wildcard that covers a service is about that service, and is no virtual host of its own. */
function hostsWithoutService(hosts: readonly string[], services: readonly Service[]): readonly string[] {
  const registered = new Set(services.map(({ host }) => host))
  return hosts.filter(
    (host) => !registered.has(host) && !(isWildcard(host) && services.some((service) => covers(host, service.host))),
  )
}

function virtualHost(
  host: string,
  port: number,
  domains: readonly string[],
  routes: Pick<VirtualHostInput, 'sources' | 'defaultCluster'>,
): VirtualHostInput {
  return { name: `${host}:${port}`, domains, redirectToHttps: false, catchAllsLast: false, ...routes }
}

/** Hands out the names of hosts, each only once: full names first, then short forms by the order of asking. */
class Domains {
  readonly #taken: Set<string>

  constructor(hosts: readonly string[]) {
    this.#taken = new Set(hosts)
  }

  of(host: string, clientNamespace: string, mesh: Mesh): readonly string[] {
    const short = shortForms(host, clientNamespace, mesh.settings.meshDomain).filter((form) => !this.#taken.has(form))
    for (const form of short) this.#taken.add(form)
    return [host, ...short]
  }
}

/**
 * As Kubernetes' search list, and so Istio, would let a client of the namespace write the host: `reviews`,
 * `reviews.default`, and `reviews.default.svc` where the mesh domain begins with `svc`.
 */
function shortForms(host: string, clientNamespace: string, meshDomain: string): readonly string[] {
  if (isWildcard(host) || !host.endsWith(`.${meshDomain}`)) return []
  const name = host.slice(0, -meshDomain.length - 1)
  const forms = name.endsWith(`.${clientNamespace}`) ? [name.slice(0, -clientNamespace.length - 1), name] : [name]
  return meshDomain.startsWith('svc.') ? [...forms, `${name}.svc`] : forms
}

import { narrower, type BoundVirtualService, type Labels, type Mesh } from '../mesh/index.js'
import { routeSource } from './route-sources.js'
import type { RouteSource, VirtualHostInput } from './virtual-host-input.js'

/** An address at which a gateway agent listens: plaintext HTTP servers of one bind and port are one (S56). */
export interface GatewayBind {
  readonly address: string
  readonly port: number
  readonly virtualHosts: readonly VirtualHostInput[]
}

const ANY_ADDRESS = '0.0.0.0'

/** Sorted by port and address. */
export function gatewayBinds(mesh: Mesh, namespace: string, labels: Labels): readonly GatewayBind[] {
  const binds = new Map<string, BindBuilder>()
  for (const { metadata, spec } of mesh.gateways(labels)) {
    for (const server of spec.servers ?? []) {
      const address = server.bind === undefined || server.bind === '' ? ANY_ADDRESS : server.bind
      // What is not plain HTTP on an IP address is pending: validation has said so, and nothing is opened for it.
      if (server.port.protocol !== 'HTTP' || address.startsWith('unix:')) continue
      const key = `${address}|${server.port.number}`
      const bind = binds.get(key) ?? new BindBuilder(mesh, namespace, address, server.port.number)
      binds.set(key, bind)
      const hosts = server.hosts.map((host) => serverHost(host, metadata.namespace))
      bind.add(`${metadata.namespace}/${metadata.name}`, hosts, server.tls?.httpsRedirect === true)
    }
  }
  return Array.from(binds.values(), (bind) => bind.build()).sort(
    (a, b) => a.port - b.port || (a.address < b.address ? -1 : 1),
  )
}

/** As Istio names it: `http.8080`, with the address where one was written: `http.8080.10.0.0.1`. */
export function gatewayRouteConfig({ address, port }: GatewayBind): string {
  return address === ANY_ADDRESS ? `http.${port}` : `http.${port}.${address}`
}

interface ServerHost {
  /** Namespace of the VirtualServices that may bind to it; `*`: any. */
  readonly namespace: string
  readonly host: string
}

/** `[namespace/]host`: `.` is the Gateway's own namespace, no namespace means any. */
function serverHost(written: string, gatewayNamespace: string): ServerHost {
  const slash = written.indexOf('/')
  const namespace = slash < 0 ? '*' : written.slice(0, slash)
  return {
    namespace: namespace === '.' ? gatewayNamespace : namespace,
    host: written.slice(slash + 1).toLowerCase(),
  }
}

/** Collects the servers of one bind and port, the oldest Gateway's first. */
class BindBuilder {
  readonly #mesh: Mesh
  readonly #namespace: string
  readonly #address: string
  readonly #port: number
  readonly #sources = new Map<string, Map<BoundVirtualService, RouteSource>>()
  readonly #redirected = new Set<string>()

  constructor(mesh: Mesh, namespace: string, address: string, port: number) {
    this.#mesh = mesh
    this.#namespace = namespace
    this.#address = address
    this.#port = port
  }

  add(gateway: string, hosts: readonly ServerHost[], httpsRedirect: boolean): void {
    for (const virtualService of this.#mesh.gatewayRoutes(gateway, this.#namespace)) {
      for (const host of sharedHosts(virtualService, hosts)) {
        const sources = this.#sources.get(host) ?? new Map<BoundVirtualService, RouteSource>()
        this.#sources.set(host, sources)
        if (!sources.has(virtualService)) {
          sources.set(virtualService, routeSource(virtualService, gateway, this.#mesh, this.#namespace))
        }
        if (httpsRedirect) this.#redirected.add(host)
      }
    }
    if (httpsRedirect) for (const { host } of hosts) this.#redirected.add(host)
  }

  build(): GatewayBind {
    const hosts = [...new Set([...this.#sources.keys(), ...this.#redirected])].sort()
    const virtualHosts = hosts.map((host): VirtualHostInput => ({
      name: `${host}:${this.#port}`,
      domains: [host],
      sources: [...(this.#sources.get(host)?.values() ?? [])],
      defaultCluster: null,
      redirectToHttps: this.#redirected.has(host),
      catchAllsLast: true,
    }))
    return { address: this.#address, port: this.#port, virtualHosts }
  }
}

/** The more specific host of each pair of a server's and a VirtualService's (S55). */
function sharedHosts(virtualService: BoundVirtualService, hosts: readonly ServerHost[]): ReadonlySet<string> {
  const shared = new Set<string>()
  for (const server of hosts) {
    if (server.namespace !== '*' && server.namespace !== virtualService.namespace) continue
    for (const host of virtualService.hosts) {
      const common = narrower(server.host, host)
      if (common !== null) shared.add(common)
    }
  }
  return shared
}

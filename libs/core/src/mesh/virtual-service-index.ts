import type { Resource, VirtualServiceSpec } from '../resources/index.js'
import { compareSpecificity, covers, isWildcard, resolveHost } from './host.js'
import { exportSet, isExportedTo } from './visibility.js'

/** The reserved gateway that stands for all sidecars. */
export const MESH_GATEWAY = 'mesh'

/** A VirtualService with its references written out. The same object for as long as the Mesh lives. */
export interface BoundVirtualService {
  readonly name: string
  readonly namespace: string
  /** Full forms, without duplicates. */
  readonly hosts: readonly string[]
  /** `mesh` or `namespace/name`. */
  readonly gateways: readonly string[]
  readonly spec: VirtualServiceSpec
}

/** Which VirtualService is for which host, as seen from the sidecars of one namespace. */
export interface SidecarRoutes {
  /** The oldest VirtualService by each host that is named somewhere (S9), sorted by host. */
  readonly byHost: ReadonlyMap<string, BoundVirtualService>
  /** The one that a service is bound to: that of its most specific host (S10). */
  find(host: string): BoundVirtualService | null
}

export class VirtualServiceIndex {
  readonly #oldestFirst: readonly BoundVirtualService[]
  readonly #sidecarRoutes = new Map<string, SidecarRoutes>()

  /** `resources`: the oldest first. */
  constructor(resources: readonly Resource<VirtualServiceSpec>[], meshDomain: string) {
    this.#oldestFirst = resources.map((resource) => bind(resource, meshDomain))
  }

  forSidecars(namespace: string): SidecarRoutes {
    let routes = this.#sidecarRoutes.get(namespace)
    if (routes === undefined) this.#sidecarRoutes.set(namespace, (routes = this.#sidecarRoutesOf(namespace)))
    return routes
  }

  /** All that name the gateway, in the order of S9: private ones first, then those exported by name, then public ones. */
  forGateway(gateway: string, namespace: string): readonly BoundVirtualService[] {
    const visible = this.#visible(namespace, gateway)
    const rank = ({ spec, namespace: owner }: BoundVirtualService): number => {
      const targets = exportSet(spec.exportTo, owner)
      if (targets.includes('*')) return 2
      return targets.length === 1 && targets[0] === owner ? 0 : 1
    }
    return [...visible].sort((a, b) => rank(a) - rank(b))
  }

  #visible(namespace: string, gateway: string): readonly BoundVirtualService[] {
    return this.#oldestFirst.filter(
      (virtualService) =>
        virtualService.gateways.includes(gateway) &&
        isExportedTo(virtualService.spec.exportTo, virtualService.namespace, namespace),
    )
  }

  #sidecarRoutesOf(namespace: string): SidecarRoutes {
    const oldest = new Map<string, BoundVirtualService>()
    for (const virtualService of this.#visible(namespace, MESH_GATEWAY)) {
      for (const host of virtualService.hosts) if (!oldest.has(host)) oldest.set(host, virtualService)
    }
    const byHost = new Map([...oldest].sort(([a], [b]) => (a < b ? -1 : 1)))
    const wildcards = [...byHost.keys()].filter(isWildcard).sort(compareSpecificity)
    const find = (host: string): BoundVirtualService | null => {
      const exact = byHost.get(host)
      if (exact !== undefined) return exact
      const pattern = wildcards.find((wildcard) => covers(wildcard, host))
      return pattern === undefined ? null : byHost.get(pattern)!
    }
    return { byHost, find }
  }
}

/** The full form of a reference to a gateway: a bare name is one of the own namespace. */
export function resolveGateway(reference: string, namespace: string): string {
  return reference === MESH_GATEWAY || reference.includes('/') ? reference : `${namespace}/${reference}`
}

function bind({ metadata, spec }: Resource<VirtualServiceSpec>, meshDomain: string): BoundVirtualService {
  const { name, namespace } = metadata
  const gateways = spec.gateways === undefined || spec.gateways.length === 0 ? [MESH_GATEWAY] : spec.gateways
  return {
    name,
    namespace,
    hosts: [...new Set((spec.hosts ?? []).map((host) => resolveHost(host, namespace, meshDomain)))],
    gateways: gateways.map((gateway) => resolveGateway(gateway, namespace)),
    spec,
  }
}

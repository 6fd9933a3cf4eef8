import { resolveHost, type BoundVirtualService, type Mesh } from '../mesh/index.js'
import type { RouteSource } from './virtual-host-input.js'

/** The VirtualService with what its translation needs to know of the services that a namespace sees. */
export function routeSource(
  virtualService: BoundVirtualService,
  gateway: string,
  mesh: Mesh,
  clientNamespace: string,
): RouteSource {
  const services = mesh.services(clientNamespace)
  const servicePorts: Record<string, readonly number[]> = {}
  for (const http of virtualService.spec.http ?? []) {
    for (const { destination } of http.route ?? []) {
      const host = resolveHost(destination.host, virtualService.namespace, mesh.settings.meshDomain)
      const service = services.get(host)
      if (service !== undefined) servicePorts[host] = service.ports.map((port) => port.number)
    }
  }
  return { virtualService, gateway, servicePorts }
}

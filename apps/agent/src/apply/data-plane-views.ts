import { type ClusterPart, type SnapshotVersion } from '@fairlead/core/snapshot'
import { type HttpListener } from '../listen/http-listener.js'
import { type Cluster } from '../upstream/cluster.js'
import { type CompiledParts } from './compiled-parts.js'
import { type DataPlaneViews } from './data-plane.js'

/** Where the views look; asked anew for each view. */
export interface ViewSources {
  version(): SnapshotVersion | null
  parts(): CompiledParts
  clusters(): readonly { readonly cluster: Cluster; readonly part: ClusterPart }[]
  listeners(): readonly HttpListener[]
}

export function createViews(sources: ViewSources): DataPlaneViews {
  const partsOf = (type: string) => [...sources.parts().values()].map(({ part }) => part).filter((p) => p.type === type)
  return {
    configDump: () => ({
      version: sources.version(),
      parts: Array.from(sources.parts(), ([key, { hash, part }]) => ({ key, hash, part })),
    }),
    routes: () => partsOf('routes'),
    listeners: () => ({ sockets: sources.listeners().map(socketView), config: partsOf('listener') }),
    clusters: () => sources.clusters().map(({ cluster, part }) => clusterView(cluster, part)),
  }
}

function socketView(listener: HttpListener) {
  const { name, direction } = listener.options
  const { address, port, openConnections } = listener
  return { name, direction, address, port, connections: openConnections }
}

function clusterView(cluster: Cluster, part: ClusterPart) {
  const { discovery, loadBalancer, connectTimeoutMs } = part
  const hostOf = (host: Cluster['drainingMembers'][number]) => ({
    address: host.address,
    port: host.port,
    activeRequests: host.activeRequests,
    connections: host.pool.openConnections,
  })
  return {
    name: cluster.name,
    discovery,
    loadBalancer,
    connectTimeoutMs,
    endpoints: cluster.members.map(({ host, weight }) => ({ ...hostOf(host), weight })),
    draining: cluster.drainingMembers.map(hostOf),
  }
}

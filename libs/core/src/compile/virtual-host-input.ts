import type { BoundVirtualService } from '../mesh/index.js'

/** What one virtual host is made of. Plain, immutable, and shared by all agents that see it. */
export interface VirtualHostInput {
  readonly name: string
  readonly domains: readonly string[]
  /** Their routes are concatenated. */
  readonly sources: readonly RouteSource[]
  /** Cluster of the default route where no source gives a route; null: then there is no virtual host. */
  readonly defaultCluster: string | null
  /** A gateway's httpsRedirect: nothing else is answered (S57). */
  readonly redirectToHttps: boolean
  /** On gateways routes of several sources meet: what matches everything goes last (S9). */
  readonly catchAllsLast: boolean
}

export interface RouteSource {
  readonly virtualService: BoundVirtualService
  /** The gateway it is translated for: `mesh` or `namespace/name`. */
  readonly gateway: string
  /** Ports of the services that its destinations name, ascending; an absent host is in no registry. */
  readonly servicePorts: Readonly<Record<string, readonly number[]>>
}

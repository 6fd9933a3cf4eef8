import { buildRouteTable, requestView, type RequestInWords } from '../routing/index.js'
import {
  decodePart,
  type ListenerPart,
  type Part,
  type PartKey,
  type PartType,
  type Snapshot,
} from '../snapshot/index.js'

/** A request as it reaches an agent. `direction` and `port` say at which listener. */
export interface Call extends RequestInWords {
  readonly direction: ListenerPart['direction']
  readonly port: number
}

/** What becomes of a call. `error` is the response flag of istio.md section 4, in words. */
export type Verdict =
  | { readonly error: 'no-listener' | 'no-route-config' | 'no-virtual-host' | 'black-hole' }
  | { readonly virtualHost: string; readonly error: 'no-route' }
  | { readonly virtualHost: string; readonly route: string; readonly redirect: number }
  | { readonly virtualHost: string; readonly route: string; readonly status: number }
  | { readonly virtualHost: string; readonly route: string; readonly destinations: readonly Destination[] }

export interface Destination {
  readonly cluster: string
  readonly weight: number
  /** `no-cluster` is 503 NC, `no-endpoints` is 503 UH (S15). */
  readonly state: 'ok' | 'no-cluster' | 'no-endpoints'
}

/** Traffic in, verdict out: what an agent with this snapshot does with a call, without an agent. */
export function simulate(snapshot: Snapshot, call: Call): Verdict {
  const listener = findListener(snapshot, call)
  if (listener === null) return { error: 'no-listener' }
  const config = findPart(snapshot, 'routes', listener.filterChains[0]!.http.routeConfig)
  if (config === null) return { error: 'no-route-config' }
  const view = requestView(call)
  const table = buildRouteTable(config, () => null).findVirtualHost(view)
  if (table === null) return { error: config.unknownHost === 'black-hole' ? 'black-hole' : 'no-virtual-host' }
  const virtualHost = table.virtualHost.name
  const found = table.findRoute(view)
  if (found === null) return { virtualHost, error: 'no-route' }
  const { name: route, action } = found.route
  if (action.kind === 'redirect') return { virtualHost, route, redirect: action.status }
  if (action.kind === 'direct-response') return { virtualHost, route, status: action.status }
  const destinations = action.clusters.map(({ cluster, weight }): Destination => {
    if (findPart(snapshot, 'cluster', cluster) === null) return { cluster, weight, state: 'no-cluster' }
    const endpoints = findPart(snapshot, 'endpoints', cluster)?.endpoints ?? []
    return { cluster, weight, state: endpoints.length === 0 ? 'no-endpoints' : 'ok' }
  })
  return { virtualHost, route, destinations }
}

/** Outbound ones are found by the original destination's port, bound ones by theirs. */
function findListener(snapshot: Snapshot, { direction, port }: Call): ListenerPart | null {
  for (const encoded of snapshot.parts.values()) {
    if (!encoded.key.startsWith('listener/')) continue
    const listener = decodePart(encoded) as ListenerPart
    if (listener.direction === direction && listener.port === port) return listener
  }
  return null
}

function findPart<T extends PartType>(snapshot: Snapshot, type: T, name: string): Extract<Part, { type: T }> | null {
  const encoded = snapshot.parts.get(`${type}/${name}` as PartKey)
  return encoded === undefined ? null : (decodePart(encoded) as Extract<Part, { type: T }>)
}

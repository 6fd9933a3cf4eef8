// HOT: runs per request. Measure before and after.
import { type ListenerPart } from '@fairlead/core/snapshot'
import { AUTHORITY, PSEUDO_SLOTS, type RequestView } from '@fairlead/core/routing/request-view'
import { type ConnectionAttributes } from '../http/connection-attributes.js'
import { type Entrance } from './entrance.js'
import { BLACK_HOLE, NO_ROUTE, NOT_CONFIGURED } from './failures.js'
import { type ForwardedFields } from './forwarded-fields.js'
import { forwardedView } from './forwarded-view.js'
import { type FailPlan, type RoutePlan } from './route-plan.js'
import { type CompiledRoutes, type Tables } from './tables.js'

export const NOT_CONFIGURED_PLAN: FailPlan = { kind: 'fail', failure: NOT_CONFIGURED }
export const NO_ROUTE_PLAN: FailPlan = { kind: 'fail', failure: NO_ROUTE }
export const BLACK_HOLE_PLAN: FailPlan = { kind: 'fail', failure: BLACK_HOLE }

const DEFAULT_PORT = 80
const COLON = 58
const ZERO = 48
const NINE = 57

/**
 * Original destination -> listener -> filter chain -> route config -> virtual host -> route. Always a plan: where the
 * way ends early, one that says why. `fields` may be filled on the way.
 */
export function findPlan(
  tables: Tables | null,
  entrance: Entrance,
  connection: ConnectionAttributes,
  request: RequestView,
  fields: ForwardedFields,
): RoutePlan {
  if (tables === null) return NOT_CONFIGURED_PLAN
  const port = originalPort(entrance, request)
  const listener = entrance.bindKey === null ? tables.outbound.get(port) : tables.bound.get(entrance.bindKey)
  if (listener === undefined) return entrance.bindKey === null ? BLACK_HOLE_PLAN : NO_ROUTE_PLAN
  const routes = findRoutes(tables, listener, connection, port)
  if (routes === undefined) return NO_ROUTE_PLAN
  const { authority } = entrance
  const virtualHost = routes.table.findVirtualHost(authority === null ? request : onlyAuthority(authority))
  if (virtualHost === null) return routes.unknownHost
  const otherAuthority = virtualHost.readsAuthority ? authority : null
  let view = request
  if (routes.readsForwarded !== null && routes.readsForwarded.has(virtualHost.virtualHost)) {
    fields.receive(request, entrance.rules)
    fields.open(request, connection, 0)
    view = forwardedView(request, otherAuthority, fields)
  } else if (otherAuthority !== null) view = forwardedView(request, otherAuthority, null)
  const entry = virtualHost.findRoute(view)
  return entry === null ? NO_ROUTE_PLAN : entry.action
}

/** The port that the client meant: the entrance's, else that of the authority, 80 if it names none. */
export function originalPort(entrance: Entrance, request: RequestView): number {
  return entrance.destinationPort === 0 ? authorityPort(request) : entrance.destinationPort
}

/** Digits after the last colon. An IPv6 literal without brackets cannot be an authority, so none is looked for. */
function authorityPort(request: RequestView): number {
  const { bytes, ranges } = request
  const start = ranges[AUTHORITY]!
  if (start < 0) return DEFAULT_PORT
  let port = 0
  let scale = 1
  for (let i = ranges[AUTHORITY + 1]! - 1; i >= start; i--) {
    const byte = bytes[i]!
    if (byte === COLON) return scale === 1 ? DEFAULT_PORT : port
    if (byte < ZERO || byte > NINE || scale > 10_000) return DEFAULT_PORT
    port += (byte - ZERO) * scale
    scale *= 10
  }
  return DEFAULT_PORT
}

/** The first filter chain whose match holds. */
function findRoutes(
  tables: Tables,
  listener: ListenerPart,
  connection: ConnectionAttributes,
  port: number,
): CompiledRoutes | undefined {
  const chains = listener.filterChains
  for (let i = 0; i < chains.length; i++) {
    const { match, http } = chains[i]!
    if (match.destinationPort !== undefined && match.destinationPort !== port) continue
    if (match.transportProtocol !== undefined && (match.transportProtocol === 'tls') !== connection.secure) continue
    if (match.serverNames !== undefined && !covers(match.serverNames, connection.serverName)) continue
    if (match.applicationProtocols !== undefined) {
      if (connection.applicationProtocol === null) continue
      if (!match.applicationProtocols.includes(connection.applicationProtocol)) continue
    }
    return tables.routes.get(http.routeConfig)
  }
  return undefined
}

/** Exact or `*.suffix` (which the name itself does not match). */
function covers(serverNames: readonly string[], name: string | null): boolean {
  if (name === null) return false
  for (let i = 0; i < serverNames.length; i++) {
    const pattern = serverNames[i]!
    if (pattern === name || pattern === '*') return true
    if (pattern.startsWith('*.') && name.length >= pattern.length && name.endsWith(pattern.slice(1))) return true
  }
  return false
}

const loneAuthority = {
  bytes: new Uint8Array(0) as Uint8Array,
  ranges: new Int32Array(PSEUDO_SLOTS).fill(-1),
  fieldCount: 0,
}

/** What a virtual host is found by, and nothing else: valid until the next call. */
function onlyAuthority(authority: Uint8Array): RequestView {
  loneAuthority.bytes = authority
  loneAuthority.ranges[AUTHORITY] = 0
  loneAuthority.ranges[AUTHORITY + 1] = authority.length
  return loneAuthority
}

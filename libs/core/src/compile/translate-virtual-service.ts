import { matchesLabels, resolveGateway, type Labels } from '../mesh/index.js'
import type { HTTPMatchRequest, HTTPRoute } from '../resources/index.js'
import type { Route, RouteAction, RouteMatch } from '../snapshot/index.js'
import { mergeLevel } from './header-operations.js'
import { directResponseAction, forwardAction, redirectAction, type ActionContext } from './route-action.js'
import { isCatchAll, routeMatch } from './route-match.js'
import type { RouteSource } from './virtual-host-input.js'

/** The client whose snapshot is compiled: what is decided now and never looked at per request (S3). */
export interface RouteClient {
  readonly namespace: string
  readonly labels: Labels
}

/**
 * The routes of one VirtualService for one client and port, in order. Each match entry becomes a route of its own (S1);
 * what follows a catch-all could never match and is left out (S2). Empty: the VirtualService has nothing for this
 * client and port, which Istio takes as if it were not there.
 */
export function translateVirtualService(
  source: RouteSource,
  port: number,
  client: RouteClient,
  meshDomain: string,
): readonly Route[] {
  const context: ActionContext = { source, port, meshDomain }
  const routes: Route[] = []
  for (const http of source.virtualService.spec.http ?? []) {
    // An absent and an empty list both mean: every request.
    const entries = http.match === undefined || http.match.length === 0 ? [undefined] : http.match
    for (const entry of entries) {
      if (!isFor(entry, source, port, client)) continue
      const route = translateRoute(http, entry, context)
      if (route === null) continue
      routes.push(route)
      if (isCatchAll(route.match)) return routes
    }
  }
  return routes
}

/** S3; where an entry names gateways the client's labels and namespace are not looked at. */
function isFor(entry: HTTPMatchRequest | undefined, source: RouteSource, port: number, client: RouteClient): boolean {
  if (entry === undefined) return true
  if (entry.port !== undefined && entry.port !== port) return false
  if (entry.gateways !== undefined && entry.gateways.length > 0) {
    const { namespace } = source.virtualService
    return entry.gateways.some((gateway) => resolveGateway(gateway, namespace) === source.gateway)
  }
  const sameNamespace = !entry.sourceNamespace || entry.sourceNamespace === client.namespace
  return sameNamespace && matchesLabels(entry.sourceLabels, client.labels)
}

function translateRoute(http: HTTPRoute, entry: HTTPMatchRequest | undefined, context: ActionContext): Route | null {
  const match = routeMatch(entry)
  const action = actionOf(http, match, context)
  if (action === null) return null
  const name = entry?.name ? `${http.name ?? ''}-${entry.name}` : (http.name ?? '')
  // A forward action carries the route's operations with each of its clusters, merged.
  const responseHeaders = action.kind === 'forward' ? undefined : mergeLevel([http.headers?.response])
  return { name, match, action, ...(responseHeaders !== undefined && { responseHeaders }) }
}

/** Null: a delegate, which this version does not enforce, or nothing at all. */
function actionOf(http: HTTPRoute, match: RouteMatch, context: ActionContext): RouteAction | null {
  if (http.redirect !== undefined) return redirectAction(http.redirect)
  if (http.directResponse !== undefined) return directResponseAction(http.directResponse)
  return http.route === undefined || http.route.length === 0 ? null : forwardAction(http, match, context)
}

import { resolveHost } from '../mesh/index.js'
import {
  durationMs,
  type Destination,
  type HTTPDirectResponse,
  type HTTPRedirect,
  type HTTPRewrite,
  type HTTPRoute,
  type HeaderOperations as IstioOperations,
} from '../resources/index.js'
import type {
  DirectResponseAction,
  ForwardAction,
  HeaderOperations,
  RedirectAction,
  Rewrite,
  RouteMatch,
  WeightedCluster,
} from '../snapshot/index.js'
import { outboundCluster } from './cluster-name.js'
import { authorityOf, inSequence, mergeLevel } from './header-operations.js'
import { retryPolicy } from './retry-policy.js'
import type { RouteSource } from './virtual-host-input.js'

/** Where destinations are looked up. */
export interface ActionContext {
  readonly source: RouteSource
  /** The service port or the gateway's port that is compiled for. */
  readonly port: number
  readonly meshDomain: string
}

export function forwardAction(http: HTTPRoute, match: RouteMatch, context: ActionContext): ForwardAction {
  const rewrite = rewriteOf(http, match)
  const timeoutMs = http.timeout === undefined ? undefined : durationMs(http.timeout)
  const retry = retryPolicy(http.retries, timeoutMs)
  return {
    kind: 'forward',
    clusters: weightedClusters(http, rewrite?.authority === undefined, context),
    ...(rewrite !== undefined && { rewrite }),
    ...(timeoutMs !== undefined && { timeoutMs }),
    ...(retry !== undefined && { retry }),
  }
}

/** Codes that Envoy does not implement are refused by validation (S18). */
export function redirectAction(redirect: HTTPRedirect): RedirectAction {
  const port = redirect.derivePort === 'FROM_REQUEST_PORT' ? 'from-request' : redirect.port
  const { uri, prefixRewrite } = redirect
  return {
    kind: 'redirect',
    status: redirect.redirectCode || 301,
    ...(redirect.authority && { authority: redirect.authority }),
    ...(redirect.scheme && { scheme: redirect.scheme as 'http' | 'https' }),
    ...(port !== undefined && { port }),
    ...(uri
      ? { path: { kind: 'full', value: uri } }
      : prefixRewrite && { path: { kind: 'prefix', value: prefixRewrite } }),
  }
}

export function directResponseAction({ status, body }: HTTPDirectResponse): DirectResponseAction {
  const base64 = body?.bytes ?? (body?.string === undefined ? undefined : base64Of(body.string))
  return { kind: 'direct-response', status, ...(base64 !== undefined && { body: base64 }) }
}

function weightedClusters(
  http: HTTPRoute,
  authorityIsFree: boolean,
  context: ActionContext,
): readonly WeightedCluster[] {
  const destinations = http.route ?? []
  const isSingle = destinations.length === 1
  // S16: one destination gets everything whatever its weight, of several those without weight get nothing.
  const drawn = isSingle ? destinations : destinations.filter(({ weight = 0 }) => weight > 0)
  return drawn.map(({ destination, weight = 0, headers }) => {
    const authority = authorityIsFree && !isSingle ? authorityOf(headers?.request) : undefined
    const requestHeaders = operations(isSingle, http.headers?.request, headers?.request)
    const responseHeaders = operations(isSingle, http.headers?.response, headers?.response)
    return {
      cluster: clusterOf(destination, context),
      weight: isSingle ? 1 : weight,
      ...(authority !== undefined && { authority }),
      ...(requestHeaders !== undefined && { requestHeaders }),
      ...(responseHeaders !== undefined && { responseHeaders }),
    }
  })
}

/** S17: one destination's operations stand behind the route's on one level; of several, the drawn one's run first. */
function operations(
  isSingle: boolean,
  route: IstioOperations | undefined,
  destination: IstioOperations | undefined,
): HeaderOperations | undefined {
  return isSingle ? mergeLevel([route, destination]) : inSequence(mergeLevel([destination]), mergeLevel([route]))
}

/** The port (S14): as written, else the service's only one, else the one that the request came to. */
function clusterOf({ host: written, subset = '', port }: Destination, context: ActionContext): string {
  const host = resolveHost(written, context.source.virtualService.namespace, context.meshDomain)
  const ports = context.source.servicePorts[host]
  const number = port?.number ?? (ports?.length === 1 ? ports[0]! : context.port)
  return outboundCluster(number, subset, host)
}

/** Authority (S17): `rewrite` wins over the route's header operations, and they over those of a destination. */
function rewriteOf(http: HTTPRoute, match: RouteMatch): Rewrite | undefined {
  const ofDestination = http.route?.length === 1 ? authorityOf(http.route[0]!.headers?.request) : undefined
  const authority = (http.rewrite?.authority || authorityOf(http.headers?.request)) ?? ofDestination
  const path = rewrittenPath(http.rewrite, match)
  if (authority === undefined && path === undefined) return undefined
  return { ...(authority !== undefined && { authority }), ...path }
}

/** S19: under a prefix match only the prefix is replaced. */
function rewrittenPath(rewrite: HTTPRewrite | undefined, match: RouteMatch): Rewrite | undefined {
  const { uri, uriRegexRewrite } = rewrite ?? {}
  if (uriRegexRewrite !== undefined) {
    return { regex: { match: uriRegexRewrite.match, substitution: uriRegexRewrite.rewrite } }
  }
  return uri ? { path: { kind: match.path?.kind === 'prefix' ? 'prefix' : 'full', value: uri } } : undefined
}

function base64Of(text: string): string {
  let binary = ''
  for (const byte of new TextEncoder().encode(text)) binary += String.fromCharCode(byte)
  return btoa(binary)
}

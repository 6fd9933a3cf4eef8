/**
 * The agent's config model: everything one agent needs, as small parts that are hashed and sent one by one.
 * Parts name each other by `name`; a reference that does not resolve is legal (Envoy's behaviour: a route may name a
 * cluster that does not exist, S15: 503 NC). All durations are milliseconds, all strings are what goes on the wire.
 */
export type Part = ListenerPart | RouteConfigPart | ClusterPart | EndpointsPart
export type PartType = Part['type']

/** Unique among all parts of a snapshot: `<type>/<name>`, for example `cluster/outbound|80|v1|reviews.default.svc...`. */
export type PartKey = `${PartType}/${string}`

export function partKey(part: Part): PartKey {
  return `${part.type}/${part.name}`
}

export type Direction = 'outbound' | 'inbound' | 'gateway'

/**
 * Outbound listeners are not bound one by one: as behind Istio's virtualOutbound, the agent's own sockets find the
 * listener by the original destination (from the bind's address, PROXY v2, or the authority). Inbound and gateway
 * listeners name the address they bind.
 */
export interface ListenerPart {
  readonly type: 'listener'
  /** `outbound|80`, `inbound|0.0.0.0|15006`, `gateway|0.0.0.0|8080`. */
  readonly name: string
  readonly direction: Direction
  /** Bound address for inbound and gateway; null for outbound. */
  readonly address: string | null
  /** Bound port for inbound and gateway; the service port for outbound. */
  readonly port: number
  /** The first chain whose match holds wins; the compiler writes the most specific first. Never empty. */
  readonly filterChains: readonly FilterChain[]
}

export interface FilterChain {
  readonly name: string
  readonly match: FilterChainMatch
  readonly http: HttpConnectionConfig
}

/** An absent field matches anything. */
export interface FilterChainMatch {
  readonly destinationPort?: number
  readonly serverNames?: readonly string[]
  readonly applicationProtocols?: readonly string[]
  readonly transportProtocol?: 'raw' | 'tls'
}

export interface HttpConnectionConfig {
  /** Name of the RouteConfigPart; absent part: every request is 404 NR. */
  readonly routeConfig: string
}

export interface RouteConfigPart {
  readonly type: 'routes'
  /** As Istio names them: `80` outbound, `inbound|8080||`, `http.8080` of a gateway. */
  readonly name: string
  readonly virtualHosts: readonly VirtualHost[]
  /**
   * No virtual host: `not-found` is 404 NR, `black-hole` is a direct 502 (S13, REGISTRY_ONLY).
   * Which of them the mesh's outbound traffic policy decides; gateways and inbound say `not-found`.
   */
  readonly unknownHost: 'not-found' | 'black-hole'
}

export interface VirtualHost {
  /** `reviews.default.svc.cluster.local:80`; for logs and explain. */
  readonly name: string
  /**
   * Lower-case, without port; exact, `*.suffix`, `prefix.*`, or `*`; each at most once in a route config.
   * Search order (S11): exact > longest `*.suffix` > longest `prefix.*` > `*`. The port of the authority is ignored.
   */
  readonly domains: readonly string[]
  /** Ordered, first match wins (S1). No match: 404 NR (S4). */
  readonly routes: readonly Route[]
}

export interface Route {
  /** Istio's route name, `name` or `name-matchname` or empty; logged as `route_name`. */
  readonly name: string
  readonly match: RouteMatch
  readonly action: RouteAction
  readonly requestHeaders?: HeaderOperations
  readonly responseHeaders?: HeaderOperations
}

/** All conditions must hold. An entry with several `match` blocks becomes several routes (S1). */
export interface RouteMatch {
  /** Path without the query. Absent: any. Regex is RE2, full-string. */
  readonly path?: PathMatch
  readonly method?: StringMatch
  readonly scheme?: StringMatch
  /** Case-sensitive, unlike the domain search (S8). */
  readonly authority?: StringMatch
  readonly headers?: readonly HeaderMatch[]
  readonly queryParams?: readonly QueryParamMatch[]
}

export interface StringMatch {
  readonly kind: 'exact' | 'prefix' | 'regex'
  readonly value: string
}

export interface PathMatch extends StringMatch {
  /** Only for exact and prefix (S8). */
  readonly ignoreCase?: boolean
}

export interface HeaderMatch {
  /** Lower-case field name. */
  readonly name: string
  /** Absent: presence. All values of a repeated field are joined by `,` before the compare, as Envoy does. */
  readonly value?: StringMatch
  /** Istio's withoutHeaders. A missing header counts as the empty string, but for the presence form (S7). */
  readonly invert?: boolean
}

export interface QueryParamMatch {
  readonly name: string
  /** Absent: presence. Only the first value of a repeated parameter counts, as in Envoy; nothing is decoded. */
  readonly value?: StringMatch
}

export type RouteAction = ForwardAction | RedirectAction | DirectResponseAction

export interface ForwardAction {
  readonly kind: 'forward'
  /** Never empty. With one entry its weight is ignored; zero-weight ones were dropped by the compiler (S16). */
  readonly clusters: readonly WeightedCluster[]
  readonly rewrite?: Rewrite
  /** All tries and back-off together; absent: none (S34). Expiry is 504 UT. */
  readonly timeoutMs?: number
  /** Absent: no retries. The compiler writes the default policy out (S28). */
  readonly retry?: RetryPolicy
}

export interface WeightedCluster {
  /** `outbound|80|v1|reviews.default.svc.cluster.local`; unknown: 503 NC. */
  readonly cluster: string
  readonly weight: number
  /** Replaces the authority where this cluster is drawn; only without `Rewrite.authority`, which wins (S17). */
  readonly authority?: string
  /**
   * Destination-level operations. Order (S17): with several destinations these run before the route's, with one after.
   * The compiler has sorted that out: `requestHeaders` here are ALL operations of this route and destination, merged,
   * and the route's own are empty for a forward action.
   */
  readonly requestHeaders?: HeaderOperations
  readonly responseHeaders?: HeaderOperations
}

export interface Rewrite {
  readonly authority?: string
  /** Replaces the whole path (exact and regex matches) or the matched prefix (prefix match); the query is kept (S19). */
  readonly path?: { readonly kind: 'full' | 'prefix'; readonly value: string }
  /** RE2; every match in the path is substituted, `\1` groups; the query is kept. */
  readonly regex?: { readonly match: string; readonly substitution: string }
}

export interface RedirectAction {
  readonly kind: 'redirect'
  /** 301, 302, 303, 307 or 308. */
  readonly status: number
  readonly authority?: string
  readonly scheme?: 'http' | 'https'
  /** `from-request`: the listener's port. Default ports of the scheme are left out of the Location (S18). */
  readonly port?: number | 'from-request'
  /** Replaces the whole path (`full`) or raw-replaces the matched prefix. The query is kept. */
  readonly path?: { readonly kind: 'full' | 'prefix'; readonly value: string }
}

export interface DirectResponseAction {
  readonly kind: 'direct-response'
  readonly status: number
  /** Base64; absent: no body. */
  readonly body?: string
}

/** Applied as Envoy does: drop first (remove and the old values of set), then append (set and add). */
export interface HeaderOperations {
  /** Lower-case names. Never `host` or a pseudo-header. */
  readonly drop: readonly string[]
  readonly append: readonly (readonly [name: string, value: string])[]
}

export interface RetryPolicy {
  /** Extra tries; total is 1 + attempts. At least 1. */
  readonly attempts: number
  readonly on: readonly RetryCondition[]
  /** Retriable status codes; only meaningful with `retriable-status-codes` in `on`. */
  readonly statusCodes: readonly number[]
  readonly perTryTimeoutMs?: number
  /** Jittered exponential: base, capped at max (Istio: 25 ms and ten times the base, S32). */
  readonly backoffBaseMs: number
  readonly backoffMaxMs: number
  /** Avoid hosts already tried, up to 5 re-selections (S31). */
  readonly avoidPreviousHosts: boolean
}

/** Envoy's `retry_on` words. The gRPC ones need HTTP/2 and match nothing on HTTP/1.1. */
export type RetryCondition =
  | '5xx'
  | 'gateway-error'
  | 'reset'
  | 'reset-before-request'
  | 'connect-failure'
  | 'refused-stream'
  | 'retriable-4xx'
  | 'retriable-status-codes'
  | 'retriable-headers'
  | 'envoy-ratelimited'
  | 'http3-post-connect-failure'
  | 'cancelled'
  | 'deadline-exceeded'
  | 'internal'
  | 'resource-exhausted'
  | 'unavailable'

export interface ClusterPart {
  readonly type: 'cluster'
  /** Istio's key `direction|port|subset|host`, for example `outbound|80|v1|reviews.default.svc.cluster.local`. */
  readonly name: string
  readonly direction: 'outbound' | 'inbound'
  /** What metrics and logs call it. */
  readonly service: { readonly host: string; readonly port: number; readonly subset: string }
  /**
   * `endpoints`: addresses are IPs (or unix:// paths) of the EndpointsPart with this cluster's name.
   * `dns`: its addresses may be names, resolved by the agent again and again; all addresses are used.
   */
  readonly discovery: 'endpoints' | 'dns'
  readonly loadBalancer: LoadBalancer
  readonly connectTimeoutMs: number
}

export type LoadBalancer = 'ROUND_ROBIN' | 'LEAST_REQUEST' | 'RANDOM'

export interface EndpointsPart {
  readonly type: 'endpoints'
  /** The cluster's name. An absent part is an empty one: 503 UH. */
  readonly name: string
  readonly endpoints: readonly Endpoint[]
}

export interface Endpoint {
  /** IPv4, IPv6, `unix:///path`, or a DNS name where the cluster's discovery is `dns`. */
  readonly address: string
  readonly port: number
  /** At least 1. */
  readonly weight: number
  /** `region/zone/subzone`, possibly shorter or empty. */
  readonly locality: string
  /** `namespace/name` of the workload that serves here; empty for a static endpoint. */
  readonly workload: string
}

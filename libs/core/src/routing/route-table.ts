// HOT: runs per request. Measure before and after.
import type { Route, RouteConfigPart, VirtualHost } from '../snapshot/index.js'
import { ByteMap } from './byte-map.js'
import { LOWER } from './bytes.js'
import { AUTHORITY, type RequestView } from './request-view.js'
import { buildVirtualHostTable, type VirtualHostTable } from './virtual-host-table.js'

/** A route config that cannot be enforced; the message names route config, virtual host and route. */
export class RouteTableError extends Error {
  constructor(message: string) {
    super(message)
    this.name = 'RouteTableError'
  }
}

/** What is looked up per request is built here once. Throws RouteTableError for a bad regex or domain. */
export function buildRouteTable<A>(
  part: RouteConfigPart,
  attach: (route: Route, virtualHost: VirtualHost) => A,
): RouteTable<A> {
  const byDomain = new Map<string, VirtualHostTable<A>>()
  for (const virtualHost of part.virtualHosts) {
    const where = `route config ${part.name}, virtual host ${virtualHost.name}`
    const table = buildVirtualHostTable(virtualHost, attach, (route, index, reason) => {
      throw new RouteTableError(`${where}, route ${index} (${route.name || 'unnamed'}): ${reason}`)
    })
    for (const domain of virtualHost.domains) {
      if (!isDomain(domain)) throw new RouteTableError(`${where}: ${domain} is no domain`)
      const key = unbracketed(domain.toLowerCase())
      if (byDomain.has(key)) throw new RouteTableError(`${where}: domain ${domain} is already taken`)
      byDomain.set(key, table)
    }
  }
  return new RouteTable(byDomain)
}

const COLON = 58
const DOT = 46
const OPEN_BRACKET = 91
const CLOSE_BRACKET = 93

export class RouteTable<A> {
  readonly #exact: ByteMap<VirtualHostTable<A>>
  /** `*.suffix` by `.suffix`. */
  readonly #suffixes: ByteMap<VirtualHostTable<A>> | null
  /** `prefix.*` by `prefix.`. */
  readonly #prefixes: ByteMap<VirtualHostTable<A>> | null
  readonly #any: VirtualHostTable<A> | null

  /** Keys are domains in lower case without brackets; see `buildRouteTable`. */
  constructor(byDomain: ReadonlyMap<string, VirtualHostTable<A>>) {
    const exact = new Map<string, VirtualHostTable<A>>()
    const suffixes = new Map<string, VirtualHostTable<A>>()
    const prefixes = new Map<string, VirtualHostTable<A>>()
    for (const [domain, table] of byDomain) {
      if (domain === '*') continue
      else if (domain.startsWith('*')) suffixes.set(domain.slice(1), table)
      else if (domain.endsWith('*')) prefixes.set(domain.slice(0, -1), table)
      else exact.set(domain, table)
    }
    this.#exact = new ByteMap(exact, LOWER)
    this.#suffixes = suffixes.size === 0 ? null : new ByteMap(suffixes, LOWER)
    this.#prefixes = prefixes.size === 0 ? null : new ByteMap(prefixes, LOWER)
    this.#any = byDomain.get('*') ?? null
  }

  /**
   * The virtual host of the request's authority: exact > longest `*.suffix` > longest `prefix.*` > `*` (S11). Case and
   * port do not count (S8). Null: no virtual host, the part's `unknownHost` says what happens.
   */
  findVirtualHost(view: RequestView): VirtualHostTable<A> | null {
    const { bytes, ranges } = view
    let start = ranges[AUTHORITY]!
    if (start < 0) return this.#any
    let end = hostEnd(bytes, start, ranges[AUTHORITY + 1]!)
    if (bytes[start] === OPEN_BRACKET && end > start && bytes[end - 1] === CLOSE_BRACKET) {
      start++
      end--
    }
    const exact = this.#exact.get(bytes, start, end)
    if (exact !== null) return exact
    if (this.#suffixes !== null) {
      // From the left: the longest suffix first. A wildcard stands for at least one character.
      for (let i = start + 1; i < end; i++) {
        if (bytes[i] !== DOT) continue
        const found = this.#suffixes.get(bytes, i, end)
        if (found !== null) return found
      }
    }
    if (this.#prefixes !== null) {
      for (let i = end - 1; i > start; i--) {
        if (bytes[i - 1] !== DOT) continue
        const found = this.#prefixes.get(bytes, start, i)
        if (found !== null) return found
      }
    }
    return this.#any
  }
}

/** Where the host ends: before the port, and before the dot of an absolute name (`reviews.default.svc.`). */
function hostEnd(bytes: Uint8Array, start: number, end: number): number {
  let host = end
  for (let i = end - 1; i >= start; i--) {
    const byte = bytes[i]!
    if (byte === COLON) {
      host = isBareIpv6(bytes, start, i) ? end : i
      break
    }
    if (byte < 48 || byte > 57) break
  }
  return host > start + 1 && bytes[host - 1] === DOT ? host - 1 : host
}

/** Two colons without brackets are an IPv6 address, not a port. */
function isBareIpv6(bytes: Uint8Array, start: number, colon: number): boolean {
  if (bytes[colon - 1] === CLOSE_BRACKET) return false
  for (let i = start; i < colon; i++) if (bytes[i] === COLON) return true
  return false
}

function isDomain(domain: string): boolean {
  if (domain === '*') return true
  const middle = domain.startsWith('*.') ? domain.slice(2) : domain.endsWith('.*') ? domain.slice(0, -2) : domain
  return middle !== '' && !middle.includes('*')
}

function unbracketed(domain: string): string {
  return domain.startsWith('[') && domain.endsWith(']') ? domain.slice(1, -1) : domain
}

// HOT: runs per request. Measure before and after.
import type { PathMatch, Route, VirtualHost } from '../snapshot/index.js'
import { ByteMap } from './byte-map.js'
import { AS_IS, LOWER } from './bytes.js'
import { conditionsOf, type Condition } from './condition.js'
import { buildPrefixTrie, type PrefixTrie } from './prefix-trie.js'
import { PATH, type RequestView } from './request-view.js'

/** A route of a table, with what the caller attached to it when the table was built. */
export interface RouteEntry<A> {
  readonly route: Route
  readonly action: A
  /** Place in `virtualHost.routes`. */
  readonly index: number
}

/** Larger than any index of a route. */
const NO_ROUTE = 0x7fffffff

/**
 * The routes of one virtual host. First match wins over the whole list (S1), yet exact paths are found by a map and
 * prefixes by a trie: each of them yields the few routes whose path fits, ascending by index, and the earliest whose
 * other conditions hold is taken over all of them.
 */
export class VirtualHostTable<A> {
  readonly virtualHost: VirtualHost
  readonly entries: readonly RouteEntry<A>[]
  /** Some route has a condition on the authority: `findRoute` reads it. */
  readonly readsAuthority: boolean
  readonly #conditions: readonly (readonly Condition[] | null)[]
  readonly #exact: ByteMap<Int32Array> | null
  readonly #exactFolded: ByteMap<Int32Array> | null
  readonly #prefixes: PrefixTrie<Int32Array> | null
  readonly #prefixesFolded: PrefixTrie<Int32Array> | null
  /** Routes with a regex or without a path condition: tried one by one, but only those before the best so far. */
  readonly #others: Int32Array | null

  /** `conditions[i]` belongs to `entries[i]`; see `buildVirtualHostTable`. */
  constructor(
    virtualHost: VirtualHost,
    entries: readonly RouteEntry<A>[],
    conditions: readonly (readonly Condition[] | null)[],
  ) {
    const { routes } = virtualHost
    this.virtualHost = virtualHost
    this.entries = entries
    this.readsAuthority = routes.some(({ match }) => match.authority !== undefined)
    this.#conditions = conditions
    this.#exact = exactIndex(routes, false)
    this.#exactFolded = exactIndex(routes, true)
    this.#prefixes = prefixIndex(routes, false)
    this.#prefixesFolded = prefixIndex(routes, true)
    this.#others = otherRoutes(routes)
  }

  /** The first route that matches, or null: 404 NR (S4). */
  findRoute(view: RequestView): RouteEntry<A> | null {
    let best = NO_ROUTE
    const start = view.ranges[PATH]!
    const end = view.ranges[PATH + 1]!
    if (start >= 0) {
      if (this.#exact !== null) best = this.#earliest(view, this.#exact.get(view.bytes, start, end), best)
      if (this.#exactFolded !== null) best = this.#earliest(view, this.#exactFolded.get(view.bytes, start, end), best)
      if (this.#prefixes !== null) best = this.#earliestPrefix(view, this.#prefixes, start, end, best)
      if (this.#prefixesFolded !== null) best = this.#earliestPrefix(view, this.#prefixesFolded, start, end, best)
    }
    best = this.#earliest(view, this.#others, best)
    return best === NO_ROUTE ? null : this.entries[best]!
  }

  #earliestPrefix(view: RequestView, root: PrefixTrie<Int32Array>, start: number, end: number, best: number): number {
    let node: PrefixTrie<Int32Array> | null = root
    let at = start
    while (node !== null) {
      best = this.#earliest(view, node.value, best)
      node = node.child(view.bytes, at, end)
      if (node !== null) at += node.label.length
    }
    return best
  }

  /** The first of the ascending `candidates` that comes before `best` and whose conditions hold; else `best`. */
  #earliest(view: RequestView, candidates: Int32Array | null, best: number): number {
    if (candidates === null) return best
    for (let i = 0; i < candidates.length; i++) {
      const candidate = candidates[i]!
      if (candidate >= best) return best
      if (this.#holds(view, candidate)) return candidate
    }
    return best
  }

  #holds(view: RequestView, index: number): boolean {
    const conditions = this.#conditions[index]!
    if (conditions === null) return true
    for (let i = 0; i < conditions.length; i++) if (!conditions[i]!.matches(view)) return false
    return true
  }
}

/** Where no route can be read the message of the regex compiler goes through `fail`, which must throw. */
export function buildVirtualHostTable<A>(
  virtualHost: VirtualHost,
  attach: (route: Route, virtualHost: VirtualHost) => A,
  fail: (route: Route, index: number, reason: string) => never,
): VirtualHostTable<A> {
  const conditions = virtualHost.routes.map((route, index) => {
    try {
      return conditionsOf(route.match)
    } catch (error) {
      return fail(route, index, (error as Error).message)
    }
  })
  const entries = virtualHost.routes.map((route, index) => ({ route, action: attach(route, virtualHost), index }))
  return new VirtualHostTable(virtualHost, entries, conditions)
}

function exactIndex(routes: readonly Route[], folded: boolean): ByteMap<Int32Array> | null {
  const groups = groupByPath(routes, 'exact', folded)
  return groups.size === 0 ? null : new ByteMap(groups, folded ? LOWER : AS_IS)
}

function prefixIndex(routes: readonly Route[], folded: boolean): PrefixTrie<Int32Array> | null {
  const groups = groupByPath(routes, 'prefix', folded)
  return groups.size === 0 ? null : buildPrefixTrie(groups, folded ? LOWER : AS_IS)
}

function otherRoutes(routes: readonly Route[]): Int32Array | null {
  const indexes = routes.flatMap((route, index) =>
    route.match.path === undefined || route.match.path.kind === 'regex' ? [index] : [],
  )
  return indexes.length === 0 ? null : Int32Array.from(indexes)
}

/** Path -> ascending indexes of the routes that have it. */
function groupByPath(routes: readonly Route[], kind: PathMatch['kind'], folded: boolean): Map<string, Int32Array> {
  const groups = new Map<string, number[]>()
  routes.forEach((route, index) => {
    const { path } = route.match
    if (path === undefined || path.kind !== kind || (path.ignoreCase === true) !== folded) return
    const key = folded ? lowerAscii(path.value) : path.value
    const group = groups.get(key)
    if (group === undefined) groups.set(key, [index])
    else group.push(index)
  })
  return new Map(Array.from(groups, ([key, indexes]) => [key, Int32Array.from(indexes)]))
}

function lowerAscii(text: string): string {
  return text.replace(/[A-Z]/g, (letter) => letter.toLowerCase())
}

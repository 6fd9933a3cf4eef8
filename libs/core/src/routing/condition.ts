// HOT: runs per request. Measure before and after.
import type { HeaderMatch, QueryParamMatch, RouteMatch, StringMatch } from '../snapshot/index.js'
import { ByteMatch } from './byte-match.js'
import { AS_IS, equalBytes, foldedKey, LOWER } from './bytes.js'
import { AUTHORITY, FIELD_STRIDE, METHOD, PATH, PSEUDO_SLOTS, QUERY, SCHEME, type RequestView } from './request-view.js'

/** One test of a route beyond the path index. All of a route's must hold. */
export interface Condition {
  matches(view: RequestView): boolean
}

const encoder = new TextEncoder()
const NOTHING = new Uint8Array(0)
/** What an origin-form request on a plaintext connection means. */
const DEFAULT_SCHEME = encoder.encode('http')
const AMPERSAND = 38
const EQUALS = 61
const COMMA = 44

/** What the path index cannot decide, cheapest first; null if nothing is left to test. Throws for a bad regex. */
export function conditionsOf(match: RouteMatch): readonly Condition[] | null {
  const conditions: Condition[] = []
  if (match.method !== undefined) conditions.push(new PseudoCondition(METHOD, match.method, null))
  if (match.scheme !== undefined) conditions.push(new PseudoCondition(SCHEME, match.scheme, DEFAULT_SCHEME))
  if (match.authority !== undefined) conditions.push(new PseudoCondition(AUTHORITY, match.authority, null))
  for (const header of match.headers ?? []) conditions.push(new HeaderCondition(header))
  for (const param of match.queryParams ?? []) conditions.push(new QueryCondition(param))
  if (match.path?.kind === 'regex') conditions.push(new PseudoCondition(PATH, match.path, null))
  return conditions.length === 0 ? null : conditions
}

class PseudoCondition implements Condition {
  readonly #slot: number
  readonly #match: ByteMatch
  readonly #absent: Uint8Array | null

  /** `absent` stands for a pseudo-header that is not there; null: then the condition does not hold. */
  constructor(slot: number, match: StringMatch, absent: Uint8Array | null) {
    this.#slot = slot
    this.#match = new ByteMatch(match)
    this.#absent = absent
  }

  matches(view: RequestView): boolean {
    const start = view.ranges[this.#slot]!
    if (start >= 0) return this.#match.matches(view.bytes, start, view.ranges[this.#slot + 1]!)
    return this.#absent !== null && this.#match.matches(this.#absent, 0, this.#absent.length)
  }
}

class HeaderCondition implements Condition {
  readonly #name: Uint8Array
  readonly #match: ByteMatch | null
  readonly #invert: boolean

  constructor(header: HeaderMatch) {
    this.#name = foldedKey(header.name, LOWER)
    this.#match = header.value === undefined ? null : new ByteMatch(header.value)
    this.#invert = header.invert === true
  }

  matches(view: RequestView): boolean {
    const field = findField(view, this.#name, PSEUDO_SLOTS)
    if (this.#match === null) return field >= 0 !== this.#invert
    // S7: a missing header fails a condition, but counts as the empty string for an inverted one.
    if (field < 0) return this.#invert && !this.#match.matches(NOTHING, 0, 0)
    const another = findField(view, this.#name, field + FIELD_STRIDE)
    if (another >= 0) return this.#matchesJoined(view, field) !== this.#invert
    return this.#match.matches(view.bytes, view.ranges[field + 2]!, view.ranges[field + 3]!) !== this.#invert
  }

  /** Rare: a repeated field is compared as Envoy does, with all its values, empty ones too, joined by a comma. */
  #matchesJoined(view: RequestView, first: number): boolean {
    const joined: number[] = []
    let field = first
    while (field >= 0) {
      if (field !== first) joined.push(COMMA)
      for (let i = view.ranges[field + 2]!; i < view.ranges[field + 3]!; i++) joined.push(view.bytes[i]!)
      field = findField(view, this.#name, field + FIELD_STRIDE)
    }
    return this.#match!.matches(Uint8Array.from(joined), 0, joined.length)
  }
}

class QueryCondition implements Condition {
  readonly #name: Uint8Array
  readonly #match: ByteMatch | null

  constructor(param: QueryParamMatch) {
    this.#name = encoder.encode(param.name)
    this.#match = param.value === undefined ? null : new ByteMatch(param.value)
  }

  matches(view: RequestView): boolean {
    const { bytes, ranges } = view
    const queryEnd = ranges[QUERY + 1]!
    let start = ranges[QUERY]!
    if (start < 0) return false
    while (start <= queryEnd) {
      let end = start
      while (end < queryEnd && bytes[end] !== AMPERSAND) end++
      let nameEnd = start
      while (nameEnd < end && bytes[nameEnd] !== EQUALS) nameEnd++
      if (nameEnd - start === this.#name.length && equalBytes(bytes, start, this.#name, AS_IS)) {
        // Only the first of a repeated parameter counts; `?key` has the value "".
        return this.#match === null || this.#match.matches(bytes, Math.min(nameEnd + 1, end), end)
      }
      start = end + 1
    }
    return false
  }
}

/** Offset in `ranges` of the first field with this lower-case name at or after `from`; -1 if there is none. */
function findField(view: RequestView, name: Uint8Array, from: number): number {
  const { bytes, ranges } = view
  const end = PSEUDO_SLOTS + view.fieldCount * FIELD_STRIDE
  for (let field = from; field < end; field += FIELD_STRIDE) {
    const start = ranges[field]!
    if (ranges[field + 1]! - start === name.length && equalBytes(bytes, start, name, LOWER)) return field
  }
  return -1
}

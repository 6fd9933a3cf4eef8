// HOT: runs per request. Measure before and after.
import { equalBytes, foldedKey, type Folding } from './bytes.js'

const NO_CHILD = -1
const ALL_BYTES: readonly number[] = Array.from({ length: 256 }, (_, byte) => byte)
/** Most nodes are leaves: they share it. */
const NO_PLACES = new Int16Array(0)

/**
 * A radix tree over bytes. Walking down from the root along a path visits exactly the keys that are prefixes of it, so
 * the cost is bounded by the path's length, not by the number of keys:
 *
 *     for (let node = root, at = start; node !== null; node = next) { ...; next = node.child(bytes, at, end); ... }
 */
export class PrefixTrie<V> {
  /** What is below the parent, to be matched whole. Empty at the root. */
  readonly label: Uint8Array
  /** The value of the key that ends here; null at a mere fork. */
  readonly value: V | null
  readonly #folding: Folding
  /** Place in `#children` by the byte that stands in the path, less `#lowestByte`; NO_CHILD where no label fits it. */
  readonly #places: Int16Array
  readonly #lowestByte: number
  readonly #children: readonly PrefixTrie<V>[]

  constructor(label: Uint8Array, value: V | null, folding: Folding, children: readonly PrefixTrie<V>[]) {
    this.label = label
    this.value = value
    this.#folding = folding
    const placeOf = (byte: number): number => children.findIndex((child) => child.label[0] === folding[byte])
    const fitting = children.length === 0 ? [] : ALL_BYTES.filter((byte) => placeOf(byte) !== NO_CHILD)
    this.#lowestByte = fitting[0] ?? 0
    this.#places = fitting.length === 0 ? NO_PLACES : new Int16Array(fitting.at(-1)! - fitting[0]! + 1).fill(NO_CHILD)
    for (const byte of fitting) this.#places[byte - this.#lowestByte] = placeOf(byte)
    this.#children = children
  }

  /** The child whose whole label stands at `at`, or null. At most one can. */
  child(bytes: Uint8Array, at: number, end: number): PrefixTrie<V> | null {
    if (at >= end) return null
    const offset = bytes[at]! - this.#lowestByte
    if (offset < 0 || offset >= this.#places.length) return null
    const place = this.#places[offset]!
    if (place === NO_CHILD) return null
    const child = this.#children[place]!
    const { label } = child
    if (label.length === 1) return child
    return end - at >= label.length && equalBytes(bytes, at, label, this.#folding) ? child : null
  }
}

/** The tree of these keys; the empty key sits at the root. Keys that are equal under `folding` must not occur. */
export function buildPrefixTrie<V>(entries: ReadonlyMap<string, V>, folding: Folding): PrefixTrie<V> {
  const keys = Array.from(entries, ([text, value]): Key<V> => ({ bytes: foldedKey(text, folding), value }))
  keys.sort((a, b) => compareBytes(a.bytes, b.bytes))
  return buildNode(keys, 0, 0, folding)
}

interface Key<V> {
  readonly bytes: Uint8Array
  readonly value: V
}

/** `keys` are sorted and share their first `depth` bytes; those from `labelStart` on are this node's label. */
function buildNode<V>(keys: readonly Key<V>[], labelStart: number, depth: number, folding: Folding): PrefixTrie<V> {
  const [first] = keys
  const endsHere = first !== undefined && first.bytes.length === depth
  const label = first === undefined ? new Uint8Array(0) : first.bytes.slice(labelStart, depth)
  const children: PrefixTrie<V>[] = []
  let from = endsHere ? 1 : 0
  while (from < keys.length) {
    let to = from + 1
    while (to < keys.length && keys[to]!.bytes[depth] === keys[from]!.bytes[depth]) to++
    const group = keys.slice(from, to)
    children.push(buildNode(group, depth, sharedLength(group), folding))
    from = to
  }
  return new PrefixTrie(label, endsHere ? first.value : null, folding, children)
}

/** Of sorted keys the first and the last differ the most. */
function sharedLength(keys: readonly Key<unknown>[]): number {
  const first = keys[0]!.bytes
  const last = keys[keys.length - 1]!.bytes
  let length = 0
  while (length < first.length && first[length] === last[length]) length++
  return length
}

function compareBytes(a: Uint8Array, b: Uint8Array): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) if (a[i] !== b[i]) return a[i]! - b[i]!
  return a.length - b.length
}

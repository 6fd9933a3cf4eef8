// HOT: runs per request. Measure before and after.
import { equalBytes, foldedKey, type Folding } from './bytes.js'

const FNV_OFFSET = 0x811c9dc5
const FNV_PRIME = 0x01000193
const EMPTY = -1

/**
 * Finds a value by a range of bytes, at a cost that does not grow with the number of keys. Open addressing at most half
 * full; keys come from config, never from requests, so probing stays short whatever is asked for.
 */
export class ByteMap<V> {
  readonly #folding: Folding
  readonly #keys: readonly Uint8Array[]
  readonly #values: readonly V[]
  readonly #slots: Int32Array
  /** Hashes of the keys, by index: neighbours in a full table are told apart without a look at their bytes. */
  readonly #hashes: Int32Array
  readonly #mask: number

  /** Keys that are equal under `folding` must not occur. */
  constructor(entries: ReadonlyMap<string, V>, folding: Folding) {
    this.#folding = folding
    this.#keys = Array.from(entries.keys(), (key) => foldedKey(key, folding))
    this.#values = [...entries.values()]
    const size = 2 ** Math.ceil(Math.log2(entries.size * 2 + 1))
    this.#mask = size - 1
    this.#slots = new Int32Array(size).fill(EMPTY)
    this.#hashes = Int32Array.from(this.#keys, (key) => this.#hash(key, 0, key.length))
    for (let i = 0; i < this.#keys.length; i++) this.#insert(i)
  }

  get(bytes: Uint8Array, start: number, end: number): V | null {
    const hash = this.#hash(bytes, start, end)
    let slot = hash & this.#mask
    for (;;) {
      const found = this.#slots[slot]!
      if (found === EMPTY) return null
      if (this.#hashes[found] === hash && this.#isKey(found, bytes, start, end)) return this.#values[found]!
      slot = (slot + 1) & this.#mask
    }
  }

  #isKey(index: number, bytes: Uint8Array, start: number, end: number): boolean {
    const key = this.#keys[index]!
    return key.length === end - start && equalBytes(bytes, start, key, this.#folding)
  }

  #hash(bytes: Uint8Array, start: number, end: number): number {
    const folding = this.#folding
    let hash = FNV_OFFSET
    for (let i = start; i < end; i++) hash = Math.imul(hash ^ folding[bytes[i]!]!, FNV_PRIME)
    // The low bits of FNV-1a depend on the low bits of the bytes only: fold the high half in before masking.
    return hash ^ (hash >>> 15)
  }

  #insert(index: number): void {
    let slot = this.#hashes[index]! & this.#mask
    while (this.#slots[slot] !== EMPTY) slot = (slot + 1) & this.#mask
    this.#slots[slot] = index
  }
}

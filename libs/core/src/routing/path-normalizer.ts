// HOT: runs per request. Measure before and after.

/** Istio's `meshConfig.pathNormalization.normalization`. */
export const PATH_NORMALIZATIONS = ['NONE', 'BASE', 'MERGE_SLASHES', 'DECODE_AND_MERGE_SLASHES'] as const
export type PathNormalization = (typeof PATH_NORMALIZATIONS)[number]

/** The path has no normal form: the request is a 400, as in Envoy. */
export const PATH_REFUSED = -1

const DOT = 0x2e
const SLASH = 0x2f
const BACKSLASH = 0x5c
const PERCENT = 0x25
const MALFORMED = -1
/** A path that holds none of these bytes is in normal form already. */
const SUSPECTS_BASE = byteSet('.\\%')
const SUSPECTS_MERGE = byteSet('.\\%/')
/** RFC 3986 2.3: an escape of one of these means the same as the byte itself. */
const UNRESERVED = byteSet('ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~')
const HEX_VALUE = Int8Array.from({ length: 256 }, (_, byte) => parseHexDigit(byte))

/** Null for NONE: paths stay as they are. */
export function createPathNormalizer(normalization: PathNormalization): PathNormalizer | null {
  if (normalization === 'NONE') return null
  return new PathNormalizer(normalization !== 'BASE', normalization === 'DECODE_AND_MERGE_SLASHES')
}

/**
 * The normal form of a path as Envoy makes it under Istio's options, written over the path itself: what is matched then
 * is what is forwarded. Escaped slashes are decoded (DECODE_AND_MERGE_SLASHES), then escapes of unreserved characters,
 * `\` becomes `/`, dot segments go (RFC 3986 6.2.2.2, 5.2.4), and last slashes in a row become one (MERGE_SLASHES).
 * Other escapes keep their case. Never longer than it was; linear; its own fixed point.
 */
export class PathNormalizer {
  readonly #mergesSlashes: boolean
  readonly #decodesSlashes: boolean
  readonly #suspects: Uint8Array

  constructor(mergesSlashes: boolean, decodesSlashes: boolean) {
    this.#mergesSlashes = mergesSlashes
    this.#decodesSlashes = decodesSlashes
    this.#suspects = mergesSlashes ? SUSPECTS_MERGE : SUSPECTS_BASE
  }

  /**
   * Normalises `bytes[start..end)`, a path without its query, in place. Returns the new end, or `PATH_REFUSED` for `%00`
   * and for a `%` that begins no escape; the bytes are undefined then. What does not begin with a slash is no path
   * (`OPTIONS *`) and stays.
   */
  normalize(bytes: Uint8Array, start: number, end: number): number {
    if (start === end || (bytes[start] !== SLASH && bytes[start] !== BACKSLASH)) return end
    if (this.#isNormal(bytes, start, end)) return end
    const resolvedEnd = this.#resolve(bytes, start, end)
    return resolvedEnd === PATH_REFUSED || !this.#mergesSlashes ? resolvedEnd : mergeSlashes(bytes, start, resolvedEnd)
  }

  /** One look at each byte, for the path that nearly every request has. */
  #isNormal(bytes: Uint8Array, start: number, end: number): boolean {
    const suspects = this.#suspects
    for (let i = start; i < end; i++) {
      const byte = bytes[i]!
      if (suspects[byte] === 0) continue
      // A dot within a name and the slash that ends one are harmless.
      if (byte === PERCENT || byte === BACKSLASH || (i > start && bytes[i - 1] === SLASH)) return false
    }
    return true
  }

  /** Escapes and dot segments. Slashes are merged later: in `/a//..` the empty segment is the one to go. */
  #resolve(bytes: Uint8Array, start: number, end: number): number {
    let out = start
    let segment = start + 1
    for (let i = start; i < end; i++) {
      let byte = bytes[i]!
      if (byte === BACKSLASH) byte = SLASH
      else if (byte === PERCENT) {
        const decoded = decodeEscape(bytes, i, end)
        if (decoded <= 0) return PATH_REFUSED
        const isSlash = decoded === SLASH || decoded === BACKSLASH
        if (isSlash ? !this.#decodesSlashes : UNRESERVED[decoded] === 0) {
          bytes[out++] = byte
          bytes[out++] = bytes[i + 1]!
          byte = bytes[i + 2]!
        } else byte = isSlash ? SLASH : decoded
        i += 2
      } else if (byte !== SLASH) {
        bytes[out++] = byte
        continue
      }
      if (byte === SLASH && out > start) {
        const kept = resolveSegment(bytes, start, segment, out)
        // A segment that went took its slash with it.
        if (kept !== out) {
          out = segment = kept
          continue
        }
      }
      bytes[out++] = byte
      if (byte === SLASH) segment = out
    }
    return resolveSegment(bytes, start, segment, out)
  }
}

/**
 * Where the output ends once the segment `bytes[segment..end)` was seen whole: `end`, or right behind the slash that a
 * dot segment leads back to. `start` is the path's first slash, which nothing climbs above (RFC 3986 5.2.4).
 */
function resolveSegment(bytes: Uint8Array, start: number, segment: number, end: number): number {
  const length = end - segment
  if (length === 0 || length > 2 || bytes[segment] !== DOT || bytes[end - 1] !== DOT) return end
  if (length === 1 || segment === start + 1) return segment
  let at = segment - 1
  while (bytes[at - 1] !== SLASH) at--
  return at
}

function mergeSlashes(bytes: Uint8Array, start: number, end: number): number {
  let out = start + 1
  for (let i = start + 1; i < end; i++) {
    const byte = bytes[i]!
    if (byte !== SLASH || bytes[out - 1] !== SLASH) bytes[out++] = byte
  }
  return out
}

/** The value of the escape at `at`, or MALFORMED. */
function decodeEscape(bytes: Uint8Array, at: number, end: number): number {
  if (at + 2 >= end) return MALFORMED
  const high = HEX_VALUE[bytes[at + 1]!]!
  const low = HEX_VALUE[bytes[at + 2]!]!
  return high < 0 || low < 0 ? MALFORMED : high * 16 + low
}

function byteSet(characters: string): Uint8Array {
  const set = new Uint8Array(256)
  for (const character of characters) set[character.charCodeAt(0)] = 1
  return set
}

function parseHexDigit(byte: number): number {
  return '0123456789abcdef'.indexOf(String.fromCharCode(byte).toLowerCase())
}

// HOT: runs per request. Measure before and after.

/** How bytes are taken before they are compared or hashed: a table by byte, so that the loops need no branch. */
export type Folding = Uint8Array

export const AS_IS: Folding = Uint8Array.from({ length: 256 }, (_, byte) => byte)
/** ASCII letters in lower case: what host names, field names and `ignoreUriCase` fold. */
export const LOWER: Folding = AS_IS.map((byte) => (byte >= 65 && byte <= 90 ? byte + 32 : byte))

/**
 * True if the bytes from `start` on, folded, begin with `expected`, which is folded already. The caller has checked that
 * there are enough of them.
 */
export function equalBytes(bytes: Uint8Array, start: number, expected: Uint8Array, folding: Folding): boolean {
  for (let i = 0; i < expected.length; i++) if (folding[bytes[start + i]!] !== expected[i]) return false
  return true
}

/** The UTF-8 of a key, as it is stored in a table that is searched with this folding. */
export function foldedKey(text: string, folding: Folding): Uint8Array {
  return encoder.encode(text).map((byte) => folding[byte]!)
}

const encoder = new TextEncoder()

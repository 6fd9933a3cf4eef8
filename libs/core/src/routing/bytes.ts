// HOT: runs per request. Measure before and after.

/** True if the bytes from `start` on begin with `expected`; the caller has checked that there are enough of them. */
export function equalBytes(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (bytes[start + i] !== expected[i]) return false
  return true
}

/** As `equalBytes` in any ASCII case; `expected` is lower-case. */
export function equalBytesFolded(bytes: Uint8Array, start: number, expected: Uint8Array): boolean {
  for (let i = 0; i < expected.length; i++) if (lowerByte(bytes[start + i]!) !== expected[i]) return false
  return true
}

/** ASCII only: what host names, field names and `ignoreUriCase` fold. */
export function lowerByte(byte: number): number {
  return byte >= 65 && byte <= 90 ? byte + 32 : byte
}

/** A copy in lower case, for keys of tables that are searched with folding. */
export function lowerBytes(bytes: Uint8Array): Uint8Array {
  return bytes.map(lowerByte)
}

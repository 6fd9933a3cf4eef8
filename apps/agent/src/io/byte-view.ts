// HOT: runs per request. Measure before and after.

/**
 * `bytes[start..end)` without copying. `subarray` is a property that must be looked up, since some of ours are Buffers
 * and some are not, and a Buffer's makes a Buffer: 70 ns instead of 56, some five times a request.
 */
export function byteView(bytes: Uint8Array, start: number, end: number): Uint8Array {
  return new Uint8Array(bytes.buffer, bytes.byteOffset + start, end - start)
}

import { createHash } from 'node:crypto'

/** Length of a hash as written: 128 bits in hexadecimal. */
export const HASH_LENGTH = 32

/**
 * Names content by its bytes: SHA-256 cut to 128 bits, in lower-case hexadecimal. Collisions are out of reach by
 * accident, and the shorter name halves inventories on the wire.
 */
export function contentHash(bytes: Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex').slice(0, HASH_LENGTH)
}

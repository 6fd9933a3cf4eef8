// HOT: runs per request. Measure before and after.
import { randomFillSync } from 'node:crypto'

/** Octets of a UUID in its text form. */
export const REQUEST_ID_LENGTH = 36

const RANDOM_BYTES = 16
/** One call into the system's randomness for so many ids: the call costs far more than its bytes. */
const POOLED_IDS = 256
const HYPHEN = 0x2d
/** Two digits for each byte. */
const HEX_PAIRS = Buffer.from(Array.from({ length: 256 }, (_, byte) => byte.toString(16).padStart(2, '0')).join(''))

/** Random UUIDs (RFC 9562 5.4), written as text into the caller's bytes. */
export class RequestIds {
  private readonly pool = new Uint8Array(POOLED_IDS * RANDOM_BYTES)
  private used = this.pool.length

  /** `fill` overwrites the bytes with random ones. */
  constructor(private readonly fill: (bytes: Uint8Array) => void = randomFillSync) {}

  /** Writes the next id at `at`: `REQUEST_ID_LENGTH` octets. */
  write(target: Uint8Array, at: number): void {
    if (this.used === this.pool.length) {
      this.fill(this.pool)
      this.used = 0
    }
    const { pool, used } = this
    pool[used + 6] = (pool[used + 6]! & 0x0f) | 0x40
    pool[used + 8] = (pool[used + 8]! & 0x3f) | 0x80
    let out = at
    for (let i = 0; i < RANDOM_BYTES; i++) {
      if (i === 4 || i === 6 || i === 8 || i === 10) target[out++] = HYPHEN
      const pair = pool[used + i]! * 2
      target[out++] = HEX_PAIRS[pair]!
      target[out++] = HEX_PAIRS[pair + 1]!
    }
    this.used = used + RANDOM_BYTES
  }
}

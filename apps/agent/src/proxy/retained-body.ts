// HOT: runs per request with a body. Measure before and after.

const FIRST_BYTES = 4096

/** The request body so far, kept while the request may have to be sent again. */
export class RetainedBody {
  bytes: Uint8Array = EMPTY
  length = 0

  /** Copies the range behind what is there. */
  append(bytes: Uint8Array, start: number, end: number): void {
    const length = this.length + end - start
    if (length > this.bytes.length) this.grow(length)
    this.bytes.set(bytes.subarray(start, end), this.length)
    this.length = length
  }

  clear(): void {
    this.length = 0
    // A pooled request must not hold on to the largest body it ever saw.
    if (this.bytes.length > FIRST_BYTES) this.bytes = EMPTY
  }

  private grow(needed: number): void {
    const larger = new Uint8Array(Math.max(FIRST_BYTES, needed, 2 * this.bytes.length))
    larger.set(this.bytes.subarray(0, this.length))
    this.bytes = larger
  }
}

const EMPTY = new Uint8Array(0)

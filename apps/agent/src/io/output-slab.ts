// HOT: runs per request. Measure before and after.

const SLAB_BYTES = 256 * 1024
const SPARE_MAX = 16

/** A block of memory that outgoing bytes are built in. `live` counts ranges that the kernel may still read from. */
export class OutputSlab {
  readonly buffer: Buffer
  position = 0
  live = 0

  constructor(bytes: number) {
    this.buffer = Buffer.allocUnsafeSlow(bytes)
  }
}

const spare: OutputSlab[] = []
let current = new OutputSlab(SLAB_BYTES)

/**
 * The slab to write the next `bytes` octets into, from its `position` on. One slab serves all connections of the
 * process: nearly every write is taken by the kernel at once, so that nearly every message is built in the same,
 * cached, memory. A range that the kernel did not take stays counted until it did.
 */
export function reserveOutput(bytes: number): OutputSlab {
  if (current.buffer.length - current.position < bytes) current = replacement(bytes)
  return current
}

/** Marks `[slab.position, end)` as holding bytes to be sent. */
export function takeOutput(slab: OutputSlab, end: number): void {
  slab.position = end
  slab.live++
}

/**
 * `[start, end)` is no longer read from. The last range gives its room back at once, so that a slow peer's range pins
 * what it occupies and not the slab around it; a slab without ranges is used from its start again.
 */
export function releaseOutput(slab: OutputSlab, start: number, end: number): void {
  if (end === slab.position) slab.position = start
  if (--slab.live > 0) return
  slab.position = 0
  if (slab !== current && slab.buffer.length === SLAB_BYTES && spare.length < SPARE_MAX) spare.push(slab)
}

function replacement(bytes: number): OutputSlab {
  if (bytes > SLAB_BYTES) return new OutputSlab(bytes)
  return spare.pop() ?? new OutputSlab(SLAB_BYTES)
}

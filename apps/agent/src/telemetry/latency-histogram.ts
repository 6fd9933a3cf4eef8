// HOT: runs per request. Measure before and after.

/** Linear steps within each power of two: a bucket is at most 1/16 (6.25%) wide. */
const STEPS_BITS = 4
const STEPS = 1 << STEPS_BITS
/** Up to 2^32 us (71 minutes); longer ones count in the last bucket. */
const OCTAVES = 32 - STEPS_BITS
const BUCKETS = (OCTAVES + 1) * STEPS
const LARGEST_US = 0xffffffff

/**
 * Durations in flat log-linear buckets (as HdrHistogram's): below 16 us exact, then 16 buckets a power of two.
 * 3.6 KiB, no allocation on record.
 */
export class LatencyHistogram {
  readonly counts = new Float64Array(BUCKETS)
  count = 0
  sumUs = 0

  record(durationUs: number): void {
    this.counts[bucketOf(durationUs)]!++
    this.count++
    this.sumUs += durationUs
  }

  /** The upper bound in us of the bucket that holds quantile `q` (0..1); 0 if nothing was recorded. */
  quantileUs(q: number): number {
    let left = Math.max(1, Math.ceil(q * this.count))
    for (let bucket = 0; bucket < BUCKETS; bucket++) {
      left -= this.counts[bucket]!
      if (left <= 0) return upperBoundUs(bucket)
    }
    return 0
  }

  /** How many durations were below `2 ** octave` us: exact, since a bucket never crosses a power of two. */
  countBelowPowerOfTwo(octave: number): number {
    const end = octave < STEPS_BITS ? 1 << octave : (octave - STEPS_BITS + 1) * STEPS
    let total = 0
    for (let bucket = 0; bucket < end; bucket++) total += this.counts[bucket]!
    return total
  }
}

function bucketOf(durationUs: number): number {
  const us = durationUs >= LARGEST_US ? LARGEST_US : durationUs <= 0 ? 0 : durationUs >>> 0
  if (us < STEPS) return us
  const octave = 31 - Math.clz32(us) - STEPS_BITS
  return (octave << STEPS_BITS) + (us >>> octave)
}

function upperBoundUs(bucket: number): number {
  if (bucket < STEPS) return bucket
  const octave = (bucket >>> STEPS_BITS) - 1
  return ((bucket & (STEPS - 1)) + STEPS + 1) * 2 ** octave - 1
}

import * as z from 'zod'
import { scalar } from './scalar.js'

const NANOS: Readonly<Record<string, bigint>> = {
  ns: 1n,
  us: 1_000n,
  µs: 1_000n,
  μs: 1_000n,
  ms: 1_000_000n,
  s: 1_000_000_000n,
  m: 60_000_000_000n,
  h: 3_600_000_000_000n,
}
const SECOND = 1_000_000_000n
/** Go's time.Duration, which Istio's admission uses: about 292 years. */
const MAX_NANOS = 9_223_372_036_854_775_807n

/**
 * A duration as Istio's YAML writes it, `1.5s`, or as Go does, `1h30m`, `100ms`; null: it is none, or out of range.
 * Exact: no floating point.
 */
export function durationNanos(text: string): bigint | null {
  if (text.length > 64) return null
  const [, sign, body = ''] = /^([+-]?)(.*)$/s.exec(text) ?? []
  if (body === '0') return 0n
  if (!/^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.test(body)) return null
  let nanos = 0n
  for (const [, whole = '', fraction = '', unit = ''] of body.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const scale = NANOS[unit] ?? 0n
    nanos += BigInt(whole || '0') * scale + (BigInt(fraction || '0') * scale) / 10n ** BigInt(fraction.length)
  }
  if (nanos > MAX_NANOS) return null
  return sign === '-' ? -nanos : nanos
}

/** The one spelling in which durations are stored: seconds, as in protobuf's JSON: `100ms` becomes `0.1s`. */
export function canonicalDuration(text: string): string | null {
  const nanos = durationNanos(text)
  if (nanos === null) return null
  const absolute = nanos < 0n ? -nanos : nanos
  const fraction = (absolute % SECOND).toString().padStart(9, '0').replace(/0+$/, '')
  return `${nanos < 0n ? '-' : ''}${absolute / SECOND}${fraction === '' ? '' : `.${fraction}`}s`
}

/** Milliseconds, possibly with a fraction, of a duration that was validated. Throws on anything else. */
export function durationMs(text: string): number {
  const nanos = durationNanos(text)
  if (nanos === null) throw new TypeError(`not a duration: ${text}`)
  return Number(nanos / 1_000_000n) + Number(nanos % 1_000_000n) / 1e6
}

/** A duration of at least `minMs`; the default, 1 ms, is what Istio asks of nearly all of them. */
export function duration(minMs = 1): z.ZodString {
  return scalar(
    z.string().check((context) => {
      const nanos = durationNanos(context.value)
      const expected = 'a duration such as 1.5s, 100ms or 1h'
      if (nanos === null) {
        context.issues.push({ code: 'custom', input: context.value, message: `expected ${expected}` })
      } else if (nanos < BigInt(minMs) * 1_000_000n) {
        const least = minMs === 0 ? 'not a negative one' : `of at least ${minMs}ms`
        context.issues.push({ code: 'custom', input: context.value, message: `expected ${expected}, ${least}` })
      }
    }),
    'duration',
  )
}

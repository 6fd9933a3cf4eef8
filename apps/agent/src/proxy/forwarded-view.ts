import { AUTHORITY, FIELD_STRIDE, PSEUDO_SLOTS, SCHEME, type RequestView } from '@fairlead/core/routing'
import { FIELD_DROPPED, type OwnFields } from '../http/head.js'
import { ascii, equalsLower } from '../io/byte-classes.js'

const FORWARDED_PROTO_NAME = ascii('x-forwarded-proto')
const HTTP = ascii('http')
const HTTPS = ascii('https')
const COLON = 0x3a
const CR = 0x0d

let scratchBytes = new Uint8Array(4096)
let scratchRanges = new Int32Array(512)

/**
 * A copy of the head as it will go on, for matching only: with another authority (null: its own), without the fields
 * that are left out and with those of the proxy (null: as received). Valid until the next call. Not for the plain path:
 * a request that is matched by nothing that changes is matched as it lies.
 */
export function forwardedView(request: RequestView, authority: Uint8Array | null, own: OwnFields | null): RequestView {
  const rangeCount = PSEUDO_SLOTS + request.fieldCount * FIELD_STRIDE
  const low = lowest(request.ranges, rangeCount)
  const headBytes = highest(request.ranges, rangeCount) - low
  const authorityBytes = authority === null ? 0 : authority.length
  const ownBytes = own === null ? 0 : own.end - own.start
  reserve(headBytes + authorityBytes + ownBytes, rangeCount + ownBytes)
  scratchBytes.set(request.bytes.subarray(low, low + headBytes), 0)
  let fieldCount = copyRanges(request, low, own === null ? null : own.marks)
  if (authority !== null) {
    scratchBytes.set(authority, headBytes)
    scratchRanges[AUTHORITY] = headBytes
    scratchRanges[AUTHORITY + 1] = headBytes + authorityBytes
  }
  if (own !== null) {
    const start = headBytes + authorityBytes
    scratchBytes.set(own.lines.subarray(own.start, own.end), start)
    fieldCount = addLines(fieldCount, start, start + ownBytes)
    if (scratchRanges[SCHEME]! < 0) takeScheme(fieldCount)
  }
  return { bytes: scratchBytes, ranges: scratchRanges, fieldCount }
}

function copyRanges({ ranges, fieldCount }: RequestView, low: number, marks: Uint8Array | null): number {
  for (let i = 0; i < PSEUDO_SLOTS; i++) scratchRanges[i] = ranges[i]! < 0 ? ranges[i]! : ranges[i]! - low
  let kept = 0
  for (let i = 0; i < fieldCount; i++) {
    if (marks !== null && marks[i] === FIELD_DROPPED) continue
    const from = PSEUDO_SLOTS + i * FIELD_STRIDE
    const to = PSEUDO_SLOTS + kept++ * FIELD_STRIDE
    for (let k = 0; k < FIELD_STRIDE; k++) scratchRanges[to + k] = ranges[from + k]! - low
  }
  return kept
}

/** Ranges of the `name: value CRLF` lines that stand in the scratch bytes. */
function addLines(fieldCount: number, start: number, end: number): number {
  let count = fieldCount
  for (let at = start; at < end;) {
    const slot = PSEUDO_SLOTS + count++ * FIELD_STRIDE
    const nameEnd = scratchBytes.indexOf(COLON, at)
    const valueEnd = scratchBytes.indexOf(CR, nameEnd)
    scratchRanges[slot] = at
    scratchRanges[slot + 1] = nameEnd
    scratchRanges[slot + 2] = nameEnd + 2
    scratchRanges[slot + 3] = valueEnd
    at = valueEnd + 2
  }
  return count
}

/** Of an origin-form target `x-forwarded-proto` tells the scheme (Envoy, `:scheme`). */
function takeScheme(fieldCount: number): void {
  for (let i = 0; i < fieldCount; i++) {
    const at = PSEUDO_SLOTS + i * FIELD_STRIDE
    if (!equalsLower(scratchBytes, scratchRanges[at]!, scratchRanges[at + 1]!, FORWARDED_PROTO_NAME)) continue
    const start = scratchRanges[at + 2]!
    const end = scratchRanges[at + 3]!
    if (!equalsLower(scratchBytes, start, end, HTTP) && !equalsLower(scratchBytes, start, end, HTTPS)) continue
    scratchRanges[SCHEME] = start
    scratchRanges[SCHEME + 1] = end
  }
}

function lowest(ranges: Int32Array, count: number): number {
  let low = Infinity
  for (let i = 0; i < count; i++) if (ranges[i]! >= 0 && ranges[i]! < low) low = ranges[i]!
  return low
}

function highest(ranges: Int32Array, count: number): number {
  let high = 0
  for (let i = 0; i < count; i++) if (ranges[i]! > high) high = ranges[i]!
  return high
}

/** `rangeCount` may be far too many: a line of ours is longer than its four numbers. */
function reserve(byteCount: number, rangeCount: number): void {
  if (scratchBytes.length < byteCount) scratchBytes = new Uint8Array(2 * byteCount)
  if (scratchRanges.length < rangeCount) scratchRanges = new Int32Array(2 * rangeCount)
}

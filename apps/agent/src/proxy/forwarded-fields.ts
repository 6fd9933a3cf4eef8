// HOT: runs per request. Measure before and after.
import { isIP } from 'node:net'
import { FIELD_STRIDE, PATH, PSEUDO_SLOTS, QUERY, AUTHORITY, type RequestView } from '@fairlead/core/routing'
import { type ConnectionAttributes } from '../http/connection-attributes.js'
import { FIELD_DROPPED, FIELD_KEPT, type OwnFields } from '../http/head.js'
import { ascii, equalsLower } from '../io/byte-classes.js'
import { putDecimal } from '../io/put-decimal.js'
import { type ForwardingRules } from './forwarding-rules.js'
import {
  ATTEMPT_COUNT,
  DISGUISED,
  EXPECTED_TIMEOUT,
  EXTERNAL_ADDRESS,
  FORWARDED_FOR,
  FORWARDED_HOST,
  FORWARDED_PROTO,
  NOT_PROTECTED,
  ORIGINAL_PATH,
  protectedField,
  REQUEST_ID,
} from './protected-fields.js'
import { REQUEST_ID_LENGTH, type RequestIds } from './request-ids.js'

const REQUEST_ID_NAME = ascii('x-request-id: ')
const FORWARDED_FOR_NAME = ascii('x-forwarded-for: ')
const FORWARDED_HOST_NAME = ascii('x-forwarded-host: ')
const EXTERNAL_ADDRESS_NAME = ascii('x-envoy-external-address: ')
const ORIGINAL_PATH_NAME = ascii('x-envoy-original-path: ')
const ATTEMPT_COUNT_NAME = ascii('x-envoy-attempt-count: ')
const EXPECTED_TIMEOUT_NAME = ascii('x-envoy-expected-rq-timeout-ms: ')
const PROTO_HTTP = ascii('x-forwarded-proto: http\r\n')
const PROTO_HTTPS = ascii('x-forwarded-proto: https\r\n')
const HTTP = ascii('http')
const HTTPS = ascii('https')
const LIST_COMMA = ascii(', ')
const CR = 0x0d
const LF = 0x0a
const SP = 0x20
const HTAB = 0x09
const COMMA = 0x2c
const QUESTION = 0x3f
/** IPv4 clients of an IPv6 socket: the address behind it is what others know. */
const MAPPED_IPV4 = '::ffff:'

const ID_LINE_BYTES = REQUEST_ID_NAME.length + REQUEST_ID_LENGTH + 2
/** Upper bound of all lines together but for what they take over from the request. */
const LINES_OWN_BYTES = 512
const LINES_FIRST_BYTES = 1024
const MARKS_FIRST = 32
const NONE = -1

/**
 * The request fields that a hop of the mesh owns: what becomes of those received, and the ones sent instead, by Envoy's
 * rules (docs/forwarding.md). One a request object, reused; the plain path allocates nothing.
 *
 * `receive`, `open`, then as needed `addForwardedHost` and `addOriginalPath`, then `beginTry` before each try. The
 * request id stands first and survives everything, so that all tries have the same.
 */
export class ForwardedFields implements OwnFields {
  marks: Uint8Array | null = null
  lines = new Uint8Array(LINES_FIRST_BYTES)
  start = ID_LINE_BYTES
  end = ID_LINE_BYTES
  private rules: ForwardingRules | null = null
  private markTable = new Uint8Array(MARKS_FIRST)
  /** Received fields that go on, as bits. */
  private present = 0
  /** Fields that the route takes away, as bits. */
  private omitted = 0
  private hasId = false
  /** Index of the received `x-forwarded-proto` that goes on, or NONE. */
  private forwardedProto = NONE
  /** Where the lines of the current try begin. */
  private tryStart = 0
  /** Indices of the received lines, whose values make one list (RFC 9110 5.3). */
  private readonly forwardedFor: number[] = []
  private readonly forwardedHost: number[] = []

  constructor(private readonly ids: RequestIds) {
    this.writeIdLine()
  }

  /** Looks once through the head. Again for the same request: nothing happens. */
  receive(request: RequestView, rules: ForwardingRules): void {
    if (this.rules !== null) return
    this.rules = rules
    const { bytes, ranges, fieldCount } = request
    for (let i = 0; i < fieldCount; i++) {
      const at = PSEUDO_SLOTS + i * FIELD_STRIDE
      const field = protectedField(bytes, ranges[at]!, ranges[at + 1]!)
      if (field !== NOT_PROTECTED) this.judge(i, field, fieldCount, rules)
    }
  }

  /** Begins the lines. `omitted`: bits of fields that the route takes away, so they are not sent. */
  open(request: RequestView, connection: ConnectionAttributes, omitted: number): void {
    const rules = this.rules!
    this.omitted = omitted
    this.start = this.end = ID_LINE_BYTES
    if (this.isMissing(REQUEST_ID)) {
      if (!this.hasId) this.ids.write(this.lines, REQUEST_ID_NAME.length)
      this.hasId = true
      this.start = 0
    }
    if (rules.isEdge) this.addClient(request, connection.peerAddress, rules)
    if (this.isMissing(FORWARDED_PROTO)) this.put(connection.secure ? PROTO_HTTPS : PROTO_HTTP)
    this.tryStart = this.end
  }

  /** The authority that the request had before the route replaced it; `replaced`: not even its own. */
  addForwardedHost(request: RequestView, replaced: Uint8Array | null): void {
    if ((this.omitted & FORWARDED_HOST) !== 0) return
    const { bytes, ranges } = request
    const authority = replaced ?? bytes
    const from = replaced === null ? ranges[AUTHORITY]! : 0
    const to = replaced === null ? ranges[AUTHORITY + 1]! : replaced.length
    if (from < 0) return
    this.reserve(this.sizeOfList(request, this.forwardedHost) + to - from)
    this.put(FORWARDED_HOST_NAME)
    this.putList(request, this.forwardedHost)
    for (let i = 0; i < this.forwardedHost.length; i++) this.marks![this.forwardedHost[i]!] = FIELD_DROPPED
    this.putRange(authority, from, to)
    this.endLine()
    this.tryStart = this.end
  }

  /** The target that the request had before the route rewrote it. */
  addOriginalPath(request: RequestView): void {
    if ((this.omitted & ORIGINAL_PATH) !== 0) return
    const { bytes, ranges } = request
    const queryBytes = ranges[QUERY] === -1 ? 0 : ranges[QUERY + 1]! - ranges[QUERY]!
    this.reserve(ranges[PATH + 1]! - ranges[PATH]! + queryBytes)
    this.put(ORIGINAL_PATH_NAME)
    this.putRange(bytes, ranges[PATH]!, ranges[PATH + 1]!)
    if (ranges[QUERY] !== -1) {
      this.lines[this.end++] = QUESTION
      this.putRange(bytes, ranges[QUERY]!, ranges[QUERY + 1]!)
    }
    this.endLine()
    this.tryStart = this.end
  }

  /** Instead of `beginTry`: `compileTryLines` of the first. */
  beginFirstTry(lines: Uint8Array): void {
    this.lines.set(lines, this.tryStart)
    this.end = this.tryStart + lines.length
  }

  /** `attempt` counts from 1. `timeoutMs`: how long this try's answer is waited for; 0: without end. */
  beginTry(attempt: number, timeoutMs: number): void {
    this.end = this.tryStart
    if ((this.omitted & ATTEMPT_COUNT) === 0) this.putNumber(ATTEMPT_COUNT_NAME, attempt)
    if (timeoutMs > 0 && (this.omitted & EXPECTED_TIMEOUT) === 0) this.putNumber(EXPECTED_TIMEOUT_NAME, timeoutMs)
  }

  /** Whether the client speaks TLS, with us or with a proxy before us that is believed. Needs `receive`. */
  isSecure({ bytes, ranges }: RequestView, connection: ConnectionAttributes): boolean {
    if (this.forwardedProto === NONE) return connection.secure
    const at = PSEUDO_SLOTS + this.forwardedProto * FIELD_STRIDE
    if (equalsLower(bytes, ranges[at + 2]!, ranges[at + 3]!, HTTPS)) return true
    return connection.secure && !equalsLower(bytes, ranges[at + 2]!, ranges[at + 3]!, HTTP)
  }

  /** Ready for another request. */
  clear(): void {
    this.rules = null
    this.forwardedProto = NONE
    this.marks = null
    this.present = 0
    this.hasId = false
    if (this.forwardedFor.length > 0) this.forwardedFor.length = 0
    if (this.forwardedHost.length > 0) this.forwardedHost.length = 0
    // A pooled request must not hold on to the longest list it ever saw.
    if (this.lines.length > LINES_FIRST_BYTES) {
      this.lines = new Uint8Array(LINES_FIRST_BYTES)
      this.writeIdLine()
    }
  }

  private judge(index: number, field: number, fieldCount: number, rules: ForwardingRules): void {
    if (this.marks === null) {
      if (this.markTable.length < fieldCount) this.markTable = new Uint8Array(2 * fieldCount)
      this.marks = this.markTable.fill(0, 0, fieldCount)
    }
    const isDropped = (field & (rules.drops | DISGUISED)) !== 0
    this.marks[index] = isDropped ? FIELD_DROPPED : FIELD_KEPT
    if (!isDropped) this.present |= field
    if (field === FORWARDED_FOR) this.forwardedFor.push(index)
    else if (field === FORWARDED_PROTO && !isDropped) this.forwardedProto = index
    else if (field === FORWARDED_HOST && !isDropped) this.forwardedHost.push(index)
  }

  private isMissing(field: number): boolean {
    return ((this.present | this.omitted) & field) === 0
  }

  /** Who sent it: the peer behind those that the request names, and the first of them that can be believed. */
  private addClient(request: RequestView, peerAddress: string, rules: ForwardingRules): void {
    const peerStart = peerAddress.startsWith(MAPPED_IPV4) && peerAddress.includes('.') ? MAPPED_IPV4.length : 0
    if ((this.omitted & FORWARDED_FOR) === 0) {
      this.reserve(this.sizeOfList(request, this.forwardedFor))
      this.put(FORWARDED_FOR_NAME)
      this.putList(request, this.forwardedFor)
      this.putText(peerAddress, peerStart)
      this.endLine()
    }
    if ((this.omitted & EXTERNAL_ADDRESS) === 0) {
      this.put(EXTERNAL_ADDRESS_NAME)
      const trusted = rules.trustedHops === 0 ? null : this.trustedAddress(request, rules.trustedHops)
      if (trusted === null) this.putText(peerAddress, peerStart)
      else this.putText(trusted, 0)
      this.endLine()
    }
  }

  /** The element at this place from the right of all the list's lines; null unless it is an address (as Envoy). */
  private trustedAddress(request: RequestView, place: number): string | null {
    const { bytes, ranges } = request
    let left = place
    for (let i = this.forwardedFor.length - 1; i >= 0; i--) {
      const at = PSEUDO_SLOTS + this.forwardedFor[i]! * FIELD_STRIDE
      const valueStart = ranges[at + 2]!
      let elementEnd = ranges[at + 3]!
      for (let pos = elementEnd - 1; pos >= valueStart - 1; pos--) {
        if (pos >= valueStart && bytes[pos] !== COMMA) continue
        if (--left === 0) return addressAt(bytes, pos + 1, elementEnd)
        elementEnd = pos
      }
    }
    return null
  }

  private sizeOfList(request: RequestView, lines: readonly number[]): number {
    let size = 0
    for (let i = 0; i < lines.length; i++) {
      const at = PSEUDO_SLOTS + lines[i]! * FIELD_STRIDE
      size += request.ranges[at + 3]! - request.ranges[at + 2]! + LIST_COMMA.length
    }
    return size
  }

  /** The values of these lines as one, with a comma for the one to come. */
  private putList(request: RequestView, lines: readonly number[]): void {
    for (let i = 0; i < lines.length; i++) {
      const at = PSEUDO_SLOTS + lines[i]! * FIELD_STRIDE
      const start = request.ranges[at + 2]!
      const end = request.ranges[at + 3]!
      if (start === end) continue
      this.putRange(request.bytes, start, end)
      this.put(LIST_COMMA)
    }
  }

  private putNumber(name: Uint8Array, value: number): void {
    this.put(name)
    this.end = putDecimal(this.lines, this.end, value)
    this.endLine()
  }

  private put(bytes: Uint8Array): void {
    this.putRange(bytes, 0, bytes.length)
  }

  private putRange(bytes: Uint8Array, start: number, end: number): void {
    const { lines } = this
    let at = this.end
    for (let i = start; i < end; i++) lines[at++] = bytes[i]!
    this.end = at
  }

  private putText(text: string, start: number): void {
    for (let i = start; i < text.length; i++) this.lines[this.end++] = text.charCodeAt(i)
  }

  private endLine(): void {
    this.lines[this.end++] = CR
    this.lines[this.end++] = LF
  }

  /** Room for so many bytes of the request, and for all that we may write ourselves. */
  private reserve(bytes: number): void {
    const needed = this.end + bytes + LINES_OWN_BYTES
    if (this.lines.length >= needed) return
    const larger = new Uint8Array(needed)
    larger.set(this.lines)
    this.lines = larger
  }

  private writeIdLine(): void {
    this.lines.set(REQUEST_ID_NAME)
    this.lines[ID_LINE_BYTES - 2] = CR
    this.lines[ID_LINE_BYTES - 1] = LF
  }
}

/** The lines that `beginTry` would write, once for all requests that begin the same try. */
export function compileTryLines(attempt: number, timeoutMs: number, omitted: number): Uint8Array {
  const count = (omitted & ATTEMPT_COUNT) === 0 ? `x-envoy-attempt-count: ${attempt}\r\n` : ''
  const timeout = timeoutMs > 0 && (omitted & EXPECTED_TIMEOUT) === 0
  return ascii(count + (timeout ? `x-envoy-expected-rq-timeout-ms: ${timeoutMs}\r\n` : ''))
}

/** Null unless the element, without the space around it, is an IP address. Only behind trusted proxies: one string. */
function addressAt(bytes: Uint8Array, start: number, end: number): string | null {
  let from = start
  let to = end
  while (from < to && (bytes[from] === SP || bytes[from] === HTAB)) from++
  while (to > from && (bytes[to - 1] === SP || bytes[to - 1] === HTAB)) to--
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1', from, to)
  return isIP(text) === 0 ? null : text
}

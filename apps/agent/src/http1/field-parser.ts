// HOT: runs per request. Measure before and after.
import { FIELD_STRIDE, PSEUDO_SLOTS } from '@fairlead/core/routing/request-view'
import { ascii, BYTE_CLASS, equalsLower, FIELD_VALUE, skipClass, TOKEN } from '../io/byte-classes.js'
import { byteView } from '../io/byte-view.js'
import { type LimitName } from '../limits/limits.js'
import { readConnectionOptions } from './connection-options.js'
import { HeadTable } from './head-table.js'
import {
  CONNECTION,
  CONTENT_LENGTH,
  DISGUISED_FRAMING,
  EXPECT,
  HOST,
  knownField,
  TRANSFER_ENCODING,
  UPGRADE,
} from './known-field.js'
import { CR, HTAB, LF, SP } from './octets.js'

/** The section goes on behind the bytes given. */
export const PARSE_MORE = 0
export const PARSE_DONE = 1
/** Never to be repaired or forwarded; `refusal` holds the status. */
export const PARSE_REFUSED = 2
export type ParseResult = 0 | 1 | 2

const COLON = 0x3a

/* States of a field section; the start lines of the subclasses have numbers below zero. */
const FIELD_START = 0
const NAME = 1
const BEFORE_VALUE = 2
const VALUE = 3
const LINE_LF = 4
const END_LF = 5
/** The subclass parses its start line first. */
export const START_LINE = -1

const WEBSOCKET = ascii('websocket')

/** Side buffers of this size, enough for nearly every head, are used again by whoever needs one next. */
const SIDE_BYTES = 1024
const SPARE_SIDES_MAX = 256
const spareSides: Buffer[] = []

/**
 * Parses a section of field lines (RFC 9112 5), fed at any byte boundary, each octet looked at once. Ranges point into
 * the bytes given; only a section that spans reads is copied, into a bounded buffer of its own. Strict: CRLF alone ends
 * a line, no folding, nothing between name and colon.
 */
export abstract class FieldParser {
  readonly head = new HeadTable()
  /** After `PARSE_REFUSED`: the status to answer with. */
  refusal = 0
  /** After `PARSE_REFUSED`: the bound that was hit, or null if the section itself is wrong. */
  limit: LimitName | null = null
  /** After `PARSE_DONE`: where in the bytes given the section ended. */
  next = 0
  /** Some bytes of the section were seen. */
  started = false

  protected state: number = FIELD_START
  protected position = 0
  /** Where the section begins. */
  protected base = 0
  /** Start of the token under way. */
  protected mark = 0
  protected hostField = -1
  protected contentLengthField = -1
  protected transferEncodingField = -1
  protected expectField = -1
  protected upgradeField = -1
  protected hasConnection = false
  /** A field that must stand alone came twice, or in disguise: a name with `_`, a tab around what frames. */
  protected repeatedHost = false
  protected repeatedFraming = false
  protected repeatedExpect = false
  protected repeatedUpgrade = false

  private nameEnd = 0
  private valueStart = 0
  private side: Buffer | null = null
  private sideLength = 0

  protected constructor(
    private readonly firstState: number,
    private readonly sectionBytes: number,
    private readonly fieldsMax: number,
    private readonly connectionOptionsMax: number,
  ) {}

  /** Parses on behind what was fed before. `end - start` is at least 1. */
  feed(bytes: Uint8Array, start: number, end: number): ParseResult {
    if (this.sideLength > 0) return this.feedSide(bytes, start, end)
    if (!this.started) this.begin(start)
    const result = this.parse(bytes, end)
    if (result === PARSE_DONE) {
      this.head.bytes = bytes
      this.next = this.position
    } else if (result === PARSE_MORE) {
      this.moveAside(bytes, start, end)
    }
    return result
  }

  /** Ready for the next section; what `head` held is gone. */
  reset(): void {
    this.started = false
    this.dropSide()
    this.sideLength = 0
    this.head.release()
  }

  /** Copies the head out of the bytes that it was parsed from, if it is not in a buffer of ours already. */
  retain(): void {
    if (this.head.bytes === this.side) return
    const copy = takeSide(this.position - this.base)
    copy.set(byteView(this.head.bytes, this.base, this.position))
    this.head.bytes = copy
    this.head.shift(-this.base)
    this.side = copy
    this.position -= this.base
    this.base = 0
  }

  /** Parses from `position` to `end`; ends through `parseFields`. */
  protected abstract parse(bytes: Uint8Array, end: number): ParseResult
  /** The section is complete: judges it as a whole. */
  protected abstract finish(bytes: Uint8Array): ParseResult
  /** The bytes moved: a subclass moves its own positions. */
  protected shiftMarks(_delta: number): void {}

  protected refuse(status: number): ParseResult {
    this.refusal = status
    return PARSE_REFUSED
  }

  protected refuseBeyond(limit: LimitName, status: number): ParseResult {
    this.limit = limit
    return this.refuse(status)
  }

  protected judgeConnection(bytes: Uint8Array): boolean {
    const status = readConnectionOptions(this.head, bytes, this.connectionOptionsMax)
    if (status === 431) this.limit = 'connectionOptionsMax'
    this.refusal = status
    return status === 0
  }

  /** First octet of the value of field `index`. */
  protected valueFrom(index: number): number {
    return this.head.ranges[PSEUDO_SLOTS + index * FIELD_STRIDE + 2]!
  }

  protected valueTo(index: number): number {
    return this.head.ranges[PSEUDO_SLOTS + index * FIELD_STRIDE + 3]!
  }

  /** `Upgrade: websocket`, alone and named by `Connection` (RFC 6455 4.1 and 4.2.2): once the options were read. */
  protected namesWebSocket(bytes: Uint8Array): boolean {
    const { head, upgradeField } = this
    if (this.repeatedUpgrade || !head.saysUpgrade || head.minorVersion === 0) return false
    return equalsLower(bytes, this.valueFrom(upgradeField), this.valueTo(upgradeField), WEBSOCKET)
  }

  /** The start line is over: fields follow at `position`. */
  protected beginFields(position: number): void {
    this.state = FIELD_START
    this.position = position
  }

  /** True when `position` lies beyond what a section may hold. Asked before an octet is judged, so that splits agree. */
  protected tooLong(position: number): boolean {
    return position - this.base > this.sectionBytes
  }

  protected parseFields(bytes: Uint8Array, end: number): ParseResult {
    let pos = this.position
    const fits = !this.tooLong(end)
    for (;;) {
      if (this.tooLong(pos)) return this.refuseBeyond('headBytes', 431)
      if (pos === end) {
        this.position = pos
        return PARSE_MORE
      }
      switch (this.state) {
        case FIELD_START: {
          const next = fits ? this.takeWholeLine(bytes, pos, end) : -1
          this.mark = pos
          if (next !== -1) pos = next
          else if (bytes[pos] === CR) {
            this.state = END_LF
            pos++
          } else if ((BYTE_CLASS[bytes[pos]!]! & TOKEN) !== 0) {
            this.state = NAME
          } else return this.refuse(400)
          break
        }
        case NAME:
          pos = skipClass(bytes, pos, end, TOKEN)
          if (pos === end || this.tooLong(pos)) break
          if (bytes[pos] !== COLON) return this.refuse(400)
          this.nameEnd = pos++
          this.state = BEFORE_VALUE
          break
        case BEFORE_VALUE:
          while (pos < end && (bytes[pos] === SP || bytes[pos] === HTAB)) pos++
          if (pos === end) break
          this.valueStart = pos
          this.state = VALUE
          break
        case VALUE:
          pos = skipClass(bytes, pos, end, FIELD_VALUE)
          if (pos === end || this.tooLong(pos)) break
          if (bytes[pos] !== CR) return this.refuse(400)
          if (this.head.fieldCount === this.fieldsMax) return this.refuseBeyond('fieldsMax', 431)
          this.addField(bytes, pos++)
          this.state = LINE_LF
          break
        case LINE_LF:
          if (bytes[pos] !== LF) return this.refuse(400)
          pos++
          this.state = FIELD_START
          break
        default:
          if (bytes[pos] !== LF) return this.refuse(400)
          this.position = pos + 1
          return this.tooLong(this.position) ? this.refuseBeyond('headBytes', 431) : this.finish(bytes)
      }
    }
  }

  /** The plain case at once: nearly every line lies whole within one read. Behind it, or -1: the states will judge. */
  private takeWholeLine(bytes: Uint8Array, start: number, end: number): number {
    let at = skipClass(bytes, start, end, TOKEN)
    if (at === start || at === end || bytes[at] !== COLON) return -1
    const nameEnd = at++
    while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at++
    const valueStart = at
    at = skipClass(bytes, at, end, FIELD_VALUE)
    if (at + 1 >= end || bytes[at] !== CR || bytes[at + 1] !== LF || this.head.fieldCount === this.fieldsMax) return -1
    this.mark = start
    this.nameEnd = nameEnd
    this.valueStart = valueStart
    this.addField(bytes, at)
    return at + 2
  }

  private addField(bytes: Uint8Array, lineEnd: number): void {
    let valueEnd = lineEnd
    while (valueEnd > this.valueStart && (bytes[valueEnd - 1] === SP || bytes[valueEnd - 1] === HTAB)) valueEnd--
    const index = this.head.fieldCount
    const kind = knownField(bytes, this.mark, this.nameEnd)
    this.head.addField(kind, this.mark, this.nameEnd, this.valueStart, valueEnd)
    switch (kind) {
      case HOST:
        this.repeatedHost ||= this.hostField >= 0
        this.hostField = index
        break
      case CONTENT_LENGTH:
        this.repeatedFraming ||= this.contentLengthField >= 0 || this.hasTabAround(bytes, valueEnd, lineEnd)
        this.contentLengthField = index
        break
      case TRANSFER_ENCODING:
        this.repeatedFraming ||= this.transferEncodingField >= 0 || this.hasTabAround(bytes, valueEnd, lineEnd)
        this.transferEncodingField = index
        break
      case DISGUISED_FRAMING:
        this.repeatedFraming = true
        break
      case EXPECT:
        this.repeatedExpect ||= this.expectField >= 0
        this.expectField = index
        break
      case UPGRADE:
        this.repeatedUpgrade ||= this.upgradeField >= 0
        this.upgradeField = index
        break
      case CONNECTION:
        this.hasConnection = true
        break
      default:
    }
  }

  /** White space to RFC 9110 5.5, a part of the value to some parsers (llhttp): framing that two read in two ways. */
  private hasTabAround(bytes: Uint8Array, valueEnd: number, lineEnd: number): boolean {
    for (let i = this.nameEnd + 1; i < this.valueStart; i++) if (bytes[i] === HTAB) return true
    for (let i = valueEnd; i < lineEnd; i++) if (bytes[i] === HTAB) return true
    return false
  }

  private begin(start: number): void {
    this.started = true
    this.head.reset()
    this.state = this.firstState
    this.dropSide()
    this.base = this.position = this.mark = start
    this.refusal = 0
    this.hostField = this.contentLengthField = this.transferEncodingField = this.expectField = -1
    this.upgradeField = -1
    this.hasConnection = this.repeatedHost = this.repeatedFraming = this.repeatedExpect = this.repeatedUpgrade = false
  }

  /** What a section may hold, and one octet more to see that it is too long. */
  private get sideBytesMax(): number {
    return this.sectionBytes + 1
  }

  private moveAside(bytes: Uint8Array, start: number, end: number): void {
    const length = end - start
    const side = takeSide(Math.min(2 * length, this.sideBytesMax))
    side.set(bytes.subarray(start, end))
    this.side = side
    this.sideLength = length
    this.head.shift(-start)
    this.base -= start
    this.position -= start
    this.mark -= start
    this.nameEnd -= start
    this.valueStart -= start
    this.shiftMarks(-start)
  }

  /** The side buffer begins where the section does, and so never holds more than its bound. */
  private feedSide(bytes: Uint8Array, start: number, end: number): ParseResult {
    const before = this.sideLength
    const taken = Math.min(end - start, this.sideBytesMax - before)
    this.reserveSide(before + taken)
    const side = this.side!
    side.set(bytes.subarray(start, start + taken), before)
    this.sideLength = before + taken
    const result = this.parse(side, this.sideLength)
    if (result === PARSE_DONE) {
      this.head.bytes = side
      this.next = start + (this.position - before)
      this.sideLength = 0
    }
    return result
  }

  private reserveSide(bytes: number): void {
    if (this.side!.length >= bytes) return
    const larger = takeSide(Math.min(2 * bytes, this.sideBytesMax))
    larger.set(this.side!)
    this.dropSide()
    this.side = larger
  }

  private dropSide(): void {
    if (this.side === null) return
    if (this.side.length === SIDE_BYTES && spareSides.length < SPARE_SIDES_MAX) spareSides.push(this.side)
    this.side = null
  }
}

function takeSide(bytes: number): Buffer {
  if (bytes > SIDE_BYTES) return Buffer.allocUnsafe(bytes)
  return spareSides.pop() ?? Buffer.allocUnsafeSlow(SIDE_BYTES)
}

// HOT: runs per request. Measure before and after.
import { AUTHORITY, METHOD, PATH, QUERY, SCHEME } from '@fairlead/core/routing/request-view'
import { LENGTH_UNKNOWN } from '../http/head.js'
import {
  ascii,
  BYTE_CLASS,
  equalsLower,
  HEX,
  HOST_CHAR,
  LOWER,
  PATH_CHAR,
  QUERY_CHAR,
  skipClass,
  TOKEN,
} from '../io/byte-classes.js'
import { isAuthority, sameAuthority } from './authority.js'
import { FieldParser, PARSE_DONE, PARSE_MORE, PARSE_REFUSED, type ParseResult, START_LINE } from './field-parser.js'
import { CR, LF, SP } from './octets.js'
import { CODING_CHUNKED, CODING_UNKNOWN, contentLength, transferCoding } from './framing.js'
import { type Http1Limits } from './limits.js'

/* States of the request line: below zero, `parseFields` has the others. */
const LINE_START = START_LINE
const EMPTY_LINE_LF = -2
const LINE_METHOD_FIRST = -3
const LINE_METHOD = -4
const TARGET = -5
const TARGET_STAR = -6
const TARGET_SCHEME = -7
const TARGET_SLASHES = -8
const TARGET_AUTHORITY = -9
const TARGET_PATH = -10
const TARGET_ESCAPE = -11
const TARGET_ESCAPE_END = -12
const TARGET_QUERY = -13
const VERSION = -14
const VERSION_LF = -15

const SLASH = 0x2f
const STAR = 0x2a
const COLON = 0x3a
const QUESTION = 0x3f
const PERCENT = 0x25
const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const HTTP = ascii('http')
const HTTPS = ascii('https')
const GET = ascii('GET')
const CONNECT = ascii('connect')
const OPTIONS = ascii('options')
const TRACE = ascii('trace')
const CONTINUE = ascii('100-continue')
const VERSION_TEMPLATE = ascii('HTTP/1.1')
const MINOR_DIGIT = 7

/**
 * Parses request heads (RFC 9112 2-3) into a table of ranges. The authority is that of an absolute target, else Host.
 * A target without a path (`GET http://a`) has the path `/`: the range of a `/` of its own `://`, so that every range
 * lies in the one buffer; for OPTIONS that octet becomes `*` (RFC 9112 3.2.4).
 */
export class RequestParser extends FieldParser {
  private targetStart = 0
  private pathOmitted = false

  constructor(private readonly limits: Http1Limits) {
    super(LINE_START, limits.headBytes, limits.fieldsMax, limits.connectionOptionsMax)
  }

  protected parse(bytes: Uint8Array, end: number): ParseResult {
    if (this.state < 0) {
      const result = this.parseLine(bytes, end)
      if (result !== PARSE_DONE) return result
    }
    return this.parseFields(bytes, end)
  }

  protected override shiftMarks(delta: number): void {
    this.targetStart += delta
  }

  /** `PARSE_DONE`: the line is over and the fields follow. */
  private parseLine(bytes: Uint8Array, end: number): ParseResult {
    let pos = this.position
    const { ranges } = this.head
    for (;;) {
      if (this.state <= TARGET && this.state >= TARGET_QUERY && pos - this.targetStart > this.limits.targetBytes) {
        return this.refuseBeyond('targetBytes', 414)
      }
      if (this.tooLong(pos)) return this.refuseBeyond('headBytes', 431)
      if (pos === end) {
        this.position = pos
        return PARSE_MORE
      }
      const byte = bytes[pos]!
      switch (this.state) {
        case LINE_METHOD:
          pos = skipClass(bytes, pos, end, TOKEN)
          if (pos - this.mark > this.limits.methodBytes) return this.refuseBeyond('methodBytes', 501)
          if (pos === end) break
          if (bytes[pos] !== SP) return this.refuse(400)
          if (equalsLower(bytes, this.mark, pos, CONNECT)) return this.refuse(501)
          ranges[METHOD] = this.mark
          ranges[METHOD + 1] = pos
          this.targetStart = ++pos
          this.pathOmitted = false
          this.state = TARGET
          break
        case TARGET_PATH:
          pos = skipClass(bytes, pos, end, PATH_CHAR)
          if (pos === end || pos - this.targetStart > this.limits.targetBytes) break
          if (bytes[pos] === PERCENT) {
            this.state = TARGET_ESCAPE
            pos++
          } else {
            ranges[PATH] = this.mark
            ranges[PATH + 1] = pos
            if (!this.endPath(bytes, pos++)) return this.refuse(400)
          }
          break
        case TARGET_QUERY:
          pos = skipClass(bytes, pos, end, QUERY_CHAR)
          if (pos === end || pos - this.targetStart > this.limits.targetBytes) break
          if (bytes[pos] !== SP) return this.refuse(400)
          ranges[QUERY] = this.mark
          ranges[QUERY + 1] = pos
          this.mark = ++pos
          this.state = VERSION
          break
        case VERSION:
          if (pos === this.mark && end - pos > VERSION_TEMPLATE.length && isHttp11(bytes, pos)) {
            pos += VERSION_TEMPLATE.length + 1
            this.state = VERSION_LF
          } else {
            const status = this.stepVersion(byte, pos++)
            if (status !== 0) return this.refuse(status)
          }
          break
        case VERSION_LF:
          if (byte !== LF) return this.refuse(400)
          this.beginFields(pos + 1)
          return PARSE_DONE
        default: {
          const status = this.step(bytes, pos++)
          if (status !== 0) return this.refuse(status)
        }
      }
    }
  }

  /** `pos` is the octet that ended the path. */
  private endPath(bytes: Uint8Array, pos: number): boolean {
    this.mark = pos + 1
    if (bytes[pos] === SP) this.state = VERSION
    else if (bytes[pos] === QUESTION) this.state = TARGET_QUERY
    else return false
    return true
  }

  /** Judges one octet in the states that are short or rare. A status to refuse with, or 0. */
  private step(bytes: Uint8Array, pos: number): number {
    const byte = bytes[pos]!
    switch (this.state) {
      case LINE_START:
        // One empty line before a request is forgiven (RFC 9112 2.2).
        if (byte === CR) {
          this.state = EMPTY_LINE_LF
          return 0
        }
        return this.startMethod(byte, pos)
      case EMPTY_LINE_LF:
        this.state = LINE_METHOD_FIRST
        return byte === LF ? 0 : 400
      case LINE_METHOD_FIRST:
        return this.startMethod(byte, pos)
      case TARGET:
        this.mark = pos
        if (byte === SLASH) this.state = TARGET_PATH
        else if (byte === STAR) this.state = TARGET_STAR
        else if (byte === HTTP[0] || byte === HTTP[0]! - 0x20) this.state = TARGET_SCHEME
        else return 400
        return 0
      case TARGET_STAR:
        return this.stepStar(bytes, pos)
      case TARGET_ESCAPE:
      case TARGET_ESCAPE_END:
        return this.stepEscape(byte)
      default:
        return this.stepAbsolute(bytes, pos)
    }
  }

  private startMethod(byte: number, pos: number): number {
    this.mark = pos
    this.state = LINE_METHOD
    return (BYTE_CLASS[byte]! & TOKEN) !== 0 ? 0 : 400
  }

  /** The path's scan goes on with `mark` where the path began. */
  private stepEscape(byte: number): number {
    this.state = this.state === TARGET_ESCAPE ? TARGET_ESCAPE_END : TARGET_PATH
    return (BYTE_CLASS[byte]! & HEX) !== 0 ? 0 : 400
  }

  private stepStar(bytes: Uint8Array, pos: number): number {
    const { ranges } = this.head
    if (bytes[pos] !== SP || !equalsLower(bytes, ranges[METHOD]!, ranges[METHOD + 1]!, OPTIONS)) return 400
    ranges[PATH] = this.mark
    ranges[PATH + 1] = pos
    this.mark = pos + 1
    this.state = VERSION
    return 0
  }

  private stepAbsolute(bytes: Uint8Array, pos: number): number {
    const byte = bytes[pos]!
    switch (this.state) {
      case TARGET_SCHEME:
        if (byte !== COLON) return LOWER[byte] === HTTPS[pos - this.mark] ? 0 : 400
        if (!equalsLower(bytes, this.mark, pos, HTTP) && !equalsLower(bytes, this.mark, pos, HTTPS)) return 400
        // No rule has to know that schemes have a case (RFC 3986 3.1); it is never written.
        for (let i = this.mark; i < pos; i++) bytes[i] = LOWER[bytes[i]!]!
        this.head.ranges[SCHEME] = this.mark
        this.head.ranges[SCHEME + 1] = pos
        this.mark = pos + 1
        this.state = TARGET_SLASHES
        return 0
      case TARGET_SLASHES:
        if (byte !== SLASH) return 400
        if (pos === this.mark) return 0
        this.mark = pos + 1
        this.state = TARGET_AUTHORITY
        return 0
      default:
        if ((BYTE_CLASS[byte]! & HOST_CHAR) !== 0) return 0
        if (byte === COLON || byte === OPEN_BRACKET || byte === CLOSE_BRACKET) return 0
        return this.endAuthority(bytes, pos)
    }
  }

  private endAuthority(bytes: Uint8Array, pos: number): number {
    const { ranges } = this.head
    if (!isAuthority(bytes, this.mark, pos)) return 400
    ranges[AUTHORITY] = this.mark
    ranges[AUTHORITY + 1] = pos
    if (bytes[pos] === SLASH) {
      this.mark = pos
      this.state = TARGET_PATH
      return 0
    }
    this.pathOmitted = true
    ranges[PATH] = this.mark - 1
    ranges[PATH + 1] = this.mark
    return this.endPath(bytes, pos) ? 0 : 400
  }

  /** Any other version is refused, not answered with 505: a peer that speaks it frames by rules that we don't know. */
  private stepVersion(byte: number, pos: number): number {
    const at = pos - this.mark
    if (at === VERSION_TEMPLATE.length) {
      this.state = VERSION_LF
      return byte === CR ? 0 : 400
    }
    if (at !== MINOR_DIGIT) return byte === VERSION_TEMPLATE[at] ? 0 : 400
    this.head.minorVersion = byte - 0x30
    return byte === 0x30 || byte === 0x31 ? 0 : 400
  }

  protected finish(bytes: Uint8Array): ParseResult {
    const { head } = this
    const status = this.judgeHost(bytes) || this.judgeFraming(bytes) || this.judgeExpect(bytes)
    if (status !== 0) return this.refuse(status)
    if (this.hasConnection && !this.judgeConnection(bytes)) return PARSE_REFUSED
    if (this.upgradeField >= 0) head.upgrade = this.isGet(bytes) && this.namesWebSocket(bytes)
    if (this.pathOmitted) {
      const { ranges } = head
      const asterisk = ranges[QUERY] === -1 && equalsLower(bytes, ranges[METHOD]!, ranges[METHOD + 1]!, OPTIONS)
      if (asterisk) bytes[ranges[PATH]!] = STAR
    }
    return PARSE_DONE
  }

  /** Methods are case-sensitive. Only GET asks for a WebSocket (RFC 6455 4.1). */
  private isGet(bytes: Uint8Array): boolean {
    const from = this.head.ranges[METHOD]!
    if (this.head.ranges[METHOD + 1]! - from !== GET.length) return false
    return bytes[from] === GET[0] && bytes[from + 1] === GET[1] && bytes[from + 2] === GET[2]
  }

  /** RFC 9112 3.2: exactly one valid Host; with an absolute target it must not say something else. */
  private judgeHost(bytes: Uint8Array): number {
    const { ranges, minorVersion } = this.head
    if (this.hostField === -1) return minorVersion === 0 ? 0 : 400
    const from = this.valueFrom(this.hostField)
    const to = this.valueTo(this.hostField)
    if (this.repeatedHost || !isAuthority(bytes, from, to)) return 400
    if (ranges[AUTHORITY] !== -1) {
      return sameAuthority(bytes, ranges[AUTHORITY]!, ranges[AUTHORITY + 1]!, from, to) ? 0 : 400
    }
    ranges[AUTHORITY] = from
    ranges[AUTHORITY + 1] = to
    return 0
  }

  /** RFC 9112 6.3, with everything refused that two parties could frame differently. */
  private judgeFraming(bytes: Uint8Array): number {
    const { head, contentLengthField, transferEncodingField } = this
    if (this.repeatedFraming) return 400
    if (contentLengthField < 0 && transferEncodingField < 0) return 0
    if (transferEncodingField >= 0) {
      if (contentLengthField >= 0 || head.minorVersion === 0) return 400
      const coding = transferCoding(bytes, this.valueFrom(transferEncodingField), this.valueTo(transferEncodingField))
      if (coding !== CODING_CHUNKED) return coding === CODING_UNKNOWN ? 501 : 400
      head.bodyLength = LENGTH_UNKNOWN
    } else {
      head.bodyLength = contentLength(bytes, this.valueFrom(contentLengthField), this.valueTo(contentLengthField))
      if (head.bodyLength < 0) return 400
    }
    return head.bodyLength !== 0 && this.isTrace(bytes) ? 400 : 0
  }

  /** RFC 9110 9.3.8: a TRACE has no content. Servers that believe so would take it for the next request. */
  private isTrace(bytes: Uint8Array): boolean {
    const { ranges } = this.head
    return equalsLower(bytes, ranges[METHOD]!, ranges[METHOD + 1]!, TRACE)
  }

  /** RFC 9110 10.1.1: only `100-continue` is known (else 417); what merely contains it is a disguise. */
  private judgeExpect(bytes: Uint8Array): number {
    if (this.expectField < 0) return 0
    if (this.repeatedExpect) return 400
    const from = this.valueFrom(this.expectField)
    const to = this.valueTo(this.expectField)
    if (equalsLower(bytes, from, to, CONTINUE)) {
      this.head.expectsContinue = this.head.minorVersion === 1 && this.head.bodyLength !== 0
      return 0
    }
    for (let i = from; i < to; i++) if ((BYTE_CLASS[bytes[i]!]! & TOKEN) === 0) return 400
    for (let i = from; i + CONTINUE.length <= to; i++) {
      if (equalsLower(bytes, i, i + CONTINUE.length, CONTINUE)) return 400
    }
    return from === to ? 400 : 417
  }
}

/** `HTTP/1.1` and CR: all but every request. */
function isHttp11(bytes: Uint8Array, pos: number): boolean {
  for (let i = 0; i < VERSION_TEMPLATE.length; i++) if (bytes[pos + i] !== VERSION_TEMPLATE[i]) return false
  return bytes[pos + VERSION_TEMPLATE.length] === CR
}

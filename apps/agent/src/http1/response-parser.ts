// HOT: runs per request. Measure before and after.
import { LENGTH_UNKNOWN } from '../http/head.js'
import { ascii, BYTE_CLASS, DIGIT, FIELD_VALUE, skipClass } from '../io/byte-classes.js'
import { FieldParser, PARSE_DONE, PARSE_MORE, PARSE_REFUSED, type ParseResult, START_LINE } from './field-parser.js'
import { CR, LF, SP } from './octets.js'
import { CODING_CHUNKED, contentLength, transferCoding } from './framing.js'
import { type Http1Limits } from './limits.js'

const VERSION = START_LINE
const STATUS = -2
const REASON_SPACE = -3
const REASON = -4
const LINE_LF = -5

const VERSION_TEMPLATE = ascii('HTTP/1.1 ')
const MINOR_DIGIT = 7
const STATUS_DIGITS = 3

/**
 * Parses response heads (RFC 9112 4). The reason phrase is checked and dropped. Any refusal means that the upstream
 * broke the protocol: the connection's state is unknown from there on.
 */
export class ResponseParser extends FieldParser {
  /** Set before each response: the request's method was HEAD. */
  answersHead = false
  /** After `PARSE_DONE`: the body ends with the connection. */
  untilClose = false

  constructor(limits: Http1Limits) {
    super(VERSION, limits.headBytes, limits.fieldsMax, limits.connectionOptionsMax)
  }

  protected parse(bytes: Uint8Array, end: number): ParseResult {
    if (this.state < 0) {
      const result = this.parseLine(bytes, end)
      if (result !== PARSE_DONE) return result
    }
    return this.parseFields(bytes, end)
  }

  private parseLine(bytes: Uint8Array, end: number): ParseResult {
    let pos = this.position
    for (;;) {
      if (this.tooLong(pos)) return this.refuseBeyond('headBytes', 431)
      if (pos === end) {
        this.position = pos
        return PARSE_MORE
      }
      const byte = bytes[pos]!
      switch (this.state) {
        case VERSION: {
          const at = pos - this.mark
          if (at !== MINOR_DIGIT) {
            if (byte !== VERSION_TEMPLATE[at]) return this.refuse(400)
          } else if (byte !== 0x31 && byte !== 0x30) return this.refuse(400)
          else this.head.minorVersion = byte - 0x30
          pos++
          if (at === VERSION_TEMPLATE.length - 1) this.begin3Digits(pos)
          break
        }
        case STATUS:
          if ((BYTE_CLASS[byte]! & DIGIT) === 0) return this.refuse(400)
          this.head.status = this.head.status * 10 + (byte - 0x30)
          if (++pos - this.mark === STATUS_DIGITS) this.state = REASON_SPACE
          break
        case REASON_SPACE:
          if (this.head.status < 100) return this.refuse(400)
          // Old servers leave the space out together with the reason.
          if (byte !== SP && byte !== CR) return this.refuse(400)
          this.state = byte === SP ? REASON : LINE_LF
          pos++
          break
        case REASON:
          pos = skipClass(bytes, pos, end, FIELD_VALUE)
          if (pos === end || this.tooLong(pos)) break
          if (bytes[pos] !== CR) return this.refuse(400)
          this.state = LINE_LF
          pos++
          break
        default:
          if (byte !== LF) return this.refuse(400)
          this.beginFields(pos + 1)
          return PARSE_DONE
      }
    }
  }

  private begin3Digits(position: number): void {
    this.mark = position
    this.state = STATUS
  }

  protected finish(bytes: Uint8Array): ParseResult {
    this.untilClose = false
    if (this.repeatedFraming || !this.judgeFraming(bytes)) return this.refuse(400)
    if (this.hasConnection && !this.judgeConnection(bytes)) return PARSE_REFUSED
    if (this.upgradeField >= 0) this.head.upgrade = this.head.status === 101 && this.namesWebSocket(bytes)
    return PARSE_DONE
  }

  /** RFC 9112 6.3. False: the length is in doubt. */
  private judgeFraming(bytes: Uint8Array): boolean {
    const { head, contentLengthField, transferEncodingField } = this
    const chunked = transferEncodingField >= 0
    let length = LENGTH_UNKNOWN
    if (chunked) {
      if (contentLengthField >= 0 || head.minorVersion === 0) return false
      const coding = transferCoding(bytes, this.valueFrom(transferEncodingField), this.valueTo(transferEncodingField))
      if (coding !== CODING_CHUNKED) return false
    } else if (contentLengthField >= 0) {
      length = contentLength(bytes, this.valueFrom(contentLengthField), this.valueTo(contentLengthField))
      if (length < 0) return false
    }
    if (head.status < 200 || head.status === 204) {
      head.bodyLength = 0
      // A length of 0 is common there, and harmless; anything else is a body that may not be.
      return !chunked && length <= 0
    }
    if (head.status === 304 || this.answersHead) {
      head.bodyLength = 0
      return true
    }
    head.bodyLength = length
    this.untilClose = !chunked && length === LENGTH_UNKNOWN
    return true
  }
}

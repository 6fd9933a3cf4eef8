// HOT: runs per request. Measure before and after.
import type { RequestView } from '@fairlead/core/routing/request-view'
import type { BodySink } from '../http/exchange.js'
import { LENGTH_UNKNOWN } from '../http/head.js'
import { HEX_VALUE } from '../io/byte-classes.js'
import { type LimitName } from '../limits/limits.js'
import { EXTENSION_INVALID, EXTENSION_OVER, EXTENSION_START, extensionState } from './chunk-extension.js'
import { PARSE_MORE, PARSE_REFUSED } from './field-parser.js'
import { CR, LF } from './octets.js'
import { type Http1Limits } from './limits.js'
import { TrailerParser } from './trailer-parser.js'

/** All bytes given were used, and more must follow. */
export const BODY_MORE = 0
/** The sink wants no more for now; what follows must be kept. */
export const BODY_PAUSED = 1
export const BODY_DONE = 2
/** The framing is broken: what follows has no meaning. */
export const BODY_REFUSED = 3
export type BodyOutcome = 0 | 1 | 2 | 3

const LENGTH = 0
const UNTIL_CLOSE = 1
const SIZE_FIRST = 2
const SIZE = 3
const EXTENSION = 4
const SIZE_LF = 5
const DATA = 6
const DATA_CR = 7
const DATA_LF = 8
const TRAILERS = 9
const COMPLETE = 10

const SEMICOLON = 0x3b
const SIZE_DIGITS_MAX = 16

/** Finds the end of a message's body (RFC 9112 6-7) and hands the bytes on as ranges, without copying. */
export class BodyReader {
  outcome: BodyOutcome = BODY_DONE
  /** Octets of the body seen so far, framing not counted. */
  received = 0
  /** After `BODY_REFUSED`: the bound that was hit, or null if the framing itself is wrong. */
  limit: LimitName | null = null
  /** After `BODY_DONE`: what may go on of the trailer section. Valid as long as the bytes given. */
  trailers: RequestView | null = null
  private state = COMPLETE
  private remaining = 0
  private sizeDigits = 0
  private extension = EXTENSION_START
  private extensionBytes = 0
  private trailerParser: TrailerParser | null = null

  constructor(private readonly limits: Http1Limits) {}

  /** Octets that are known to follow; `LENGTH_UNKNOWN` if only the end will tell. */
  get remainingBytes(): number {
    if (this.state === COMPLETE) return 0
    return this.state === LENGTH ? this.remaining : LENGTH_UNKNOWN
  }

  get endsWithConnection(): boolean {
    return this.state === UNTIL_CLOSE
  }

  begin(length: number, untilClose: boolean): void {
    this.trailers = null
    this.received = 0
    if (length !== LENGTH_UNKNOWN) {
      this.remaining = length
      this.state = length === 0 ? COMPLETE : LENGTH
    } else if (untilClose) {
      this.state = UNTIL_CLOSE
    } else {
      this.state = SIZE_FIRST
      this.extensionBytes = 0
      // The body before may have been given up within its trailers.
      if (this.trailerParser !== null && this.trailerParser.started) this.trailerParser.reset()
    }
    this.outcome = this.state === COMPLETE ? BODY_DONE : BODY_MORE
  }

  /** Reads on from `start`, into `sink` or, with null, into nothing. Returns where it stopped; see `outcome`. */
  read(bytes: Uint8Array, start: number, end: number, sink: Pick<BodySink, 'onData'> | null): number {
    let pos = start
    this.outcome = BODY_MORE
    while (pos < end) {
      switch (this.state) {
        case LENGTH:
        case DATA:
        case UNTIL_CLOSE: {
          const taken = this.state === UNTIL_CLOSE ? end - pos : Math.min(this.remaining, end - pos)
          const wantsMore = sink === null || sink.onData(bytes, pos, pos + taken)
          pos += taken
          if (this.account(taken)) return pos
          if (!wantsMore) return this.stop(BODY_PAUSED, pos)
          break
        }
        case TRAILERS:
          return this.readTrailers(bytes, pos, end)
        case COMPLETE:
          return this.stop(BODY_DONE, pos)
        default:
          if (!this.step(bytes[pos++]!)) return this.stop(BODY_REFUSED, pos)
      }
    }
    return pos
  }

  private stop(outcome: BodyOutcome, pos: number): number {
    this.outcome = outcome
    return pos
  }

  /** True: that was the last octet of the body. */
  private account(taken: number): boolean {
    this.received += taken
    if (this.state === UNTIL_CLOSE) return false
    this.remaining -= taken
    if (this.remaining > 0) return false
    if (this.state === DATA) {
      this.state = DATA_CR
      return false
    }
    this.state = COMPLETE
    this.outcome = BODY_DONE
    return true
  }

  /** One octet of a chunk line, or of the line end behind chunk data. False: refused. */
  private step(byte: number): boolean {
    switch (this.state) {
      case SIZE_FIRST:
        this.remaining = HEX_VALUE[byte]!
        this.sizeDigits = 1
        this.state = SIZE
        return this.remaining >= 0
      case SIZE:
        return this.stepSize(byte)
      case EXTENSION:
        this.extension = extensionState(this.extension, byte)
        if (this.extension === EXTENSION_OVER) this.state = SIZE_LF
        return this.extension !== EXTENSION_INVALID && this.countExtension()
      case SIZE_LF:
        this.state = this.remaining === 0 ? TRAILERS : DATA
        return byte === LF
      case DATA_CR:
        this.state = DATA_LF
        return byte === CR
      default:
        this.state = SIZE_FIRST
        return byte === LF
    }
  }

  private countExtension(): boolean {
    if (++this.extensionBytes <= this.limits.chunkExtensionBytes) return true
    this.limit = 'chunkExtensionBytes'
    return false
  }

  private stepSize(byte: number): boolean {
    const digit = HEX_VALUE[byte]!
    if (digit >= 0) {
      this.remaining = this.remaining * 16 + digit
      return ++this.sizeDigits <= SIZE_DIGITS_MAX && this.remaining <= Number.MAX_SAFE_INTEGER
    }
    if (byte === CR) this.state = SIZE_LF
    else if (byte === SEMICOLON) {
      this.state = EXTENSION
      this.extension = EXTENSION_START
    } else return false
    return true
  }

  private readTrailers(bytes: Uint8Array, start: number, end: number): number {
    const parser = (this.trailerParser ??= new TrailerParser(this.limits))
    const result = parser.feed(bytes, start, end)
    if (result === PARSE_MORE) return end
    if (result === PARSE_REFUSED) {
      if (parser.limit !== null) this.limit = parser.limit === 'headBytes' ? 'trailerBytes' : 'trailerFieldsMax'
      parser.reset()
      return this.stop(BODY_REFUSED, end)
    }
    this.trailers = parser.head.fieldCount > 0 ? parser.head : null
    this.state = COMPLETE
    // Ready for the next body; the ranges stay until then.
    parser.started = false
    return this.stop(BODY_DONE, parser.next)
  }
}

import { LENGTH_UNKNOWN } from '../../http/head.js'
import { BODY_DONE, BODY_REFUSED, BodyReader } from '../body-reader.js'
import { PARSE_MORE, PARSE_REFUSED } from '../field-parser.js'
import { DEFAULT_HTTP1_LIMITS } from '../limits.js'
import { RequestParser } from '../request-parser.js'
import { ResponseParser } from '../response-parser.js'
import { type Reading, type ReadingInput } from './reading.js'

const requestParser = new RequestParser(DEFAULT_HTTP1_LIMITS)
const responseParser = new ResponseParser(DEFAULT_HTTP1_LIMITS)
const bodyReader = new BodyReader(DEFAULT_HTTP1_LIMITS)
/** What a read of the socket lands in: the next one overwrites it. */
const received = Buffer.alloc(256 * 1024)

class Collector {
  text = ''
  onData(bytes: Uint8Array, start: number, end: number): boolean {
    this.text += Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    return true
  }
}
const collector = new Collector()

/** Reads with the codec's parsers, `bytes` cut at the offsets `cuts` (ascending): framing only, no connection. */
export function readWithCodec(input: ReadingInput, cuts: readonly number[]): Reading {
  const reader = new CodecReader(input)
  let from = 0
  for (let i = 0; i <= cuts.length && reader.open; i++) {
    const to = i < cuts.length ? cuts[i]! : input.bytes.length
    if (to > from) reader.read(from, to)
    from = to
  }
  return reader.finish()
}

class CodecReader {
  open = true
  private readonly reading: Reading = { bodies: [], ends: [], rest: 'none', reason: '' }
  private readonly parser
  private inBody = false
  private closes = false
  /** How often a parser was called: each call must get on, or end. */
  private calls = 0

  constructor(private readonly input: ReadingInput) {
    this.parser = input.kind === 'requests' ? requestParser : responseParser
    this.parser.reset()
    responseParser.answersHead = input.answersHead
    collector.text = ''
    bodyReader.begin(0, false)
  }

  read(from: number, to: number): void {
    const { bytes } = this.input
    bytes.copy(received, 0, from, to)
    const end = to - from
    let at = 0
    while (at < end && this.open) {
      if (++this.calls > 4 * bytes.length + 16) throw new Error('the parser does not get on')
      at = this.inBody ? this.readBody(at, end, from) : this.readHead(at, end, from)
    }
    received.fill(0x21, 0, end)
  }

  /** FIN. */
  finish(): Reading {
    if (!this.open) return this.reading
    if (this.inBody && bodyReader.endsWithConnection) this.take(this.input.bytes.length)
    else if (this.inBody || this.parser.started) this.reading.rest = 'more'
    return this.reading
  }

  private readHead(at: number, end: number, offset: number): number {
    const { parser } = this
    const result = parser.feed(received, at, end)
    if (result === PARSE_MORE) return end
    if (result === PARSE_REFUSED) return this.refuse(String(parser.refusal), end)
    parser.started = false
    const { status, bodyLength, saysClose, saysKeepAlive, minorVersion } = parser.head
    if (status === 101) return this.readSwitch(offset, end)
    // Behind an informational response another one follows, whatever it says of the connection.
    this.closes = (saysClose || (minorVersion === 0 && !saysKeepAlive)) && (status === 0 || status >= 200)
    if (bodyLength === 0) this.take(offset + parser.next)
    else {
      this.inBody = true
      bodyReader.begin(
        bodyLength,
        parser === responseParser && bodyLength === LENGTH_UNKNOWN && responseParser.untilClose,
      )
    }
    return parser.next
  }

  private readSwitch(offset: number, end: number): number {
    if (this.input.answersUpgrade !== true || !this.parser.head.upgrade) return this.refuse('101', end)
    this.closes = true
    this.take(offset + this.parser.next)
    return end
  }

  private readBody(at: number, end: number, offset: number): number {
    const next = bodyReader.read(received, at, end, collector)
    if (bodyReader.outcome === BODY_REFUSED) return this.refuse('400', end)
    if (bodyReader.outcome === BODY_DONE) this.take(offset + next)
    return next
  }

  private take(end: number): void {
    this.reading.bodies.push(collector.text)
    this.reading.ends.push(end)
    collector.text = ''
    this.inBody = false
    if (this.closes) this.open = false
  }

  private refuse(reason: string, end: number): number {
    this.open = false
    this.reading.rest = 'error'
    this.reading.reason = reason
    return end
  }
}

// HOT: runs per request. Measure before and after.
import { METHOD, type RequestView } from '@fairlead/core/routing/request-view'
import {
  type ClientConnection,
  type ClientConnectionOwner,
  type ClientExchange,
  RESET_LIMIT,
  RESET_LOCAL,
  RESET_PROTOCOL,
  RESET_REMOTE,
  type ResetReason,
  type ResponseSink,
} from '../http/exchange.js'
import { LENGTH_UNKNOWN, type RequestEdits } from '../http/head.js'
import { ascii, equalsLower } from '../io/byte-classes.js'
import { type ByteStream, type ByteStreamHandler } from '../io/byte-stream.js'
import { type TimerWheel } from '../io/timer-wheel.js'
import { type LimitName } from '../limits/limits.js'
import { BODY_DONE, BODY_PAUSED, BODY_REFUSED, BodyReader } from './body-reader.js'
import { BodyWriter } from './body-writer.js'
import { PARSE_MORE, PARSE_REFUSED } from './field-parser.js'
import { buildRequestHead, FRAME_CHUNKED, FRAME_NONE } from './head-writer.js'
import { Lease } from './lease.js'
import { type Http1Limits } from './limits.js'
import { cursor } from './output-cursor.js'
import { ResponseParser } from './response-parser.js'
import { WriteWatch } from './write-watch.js'

/**
 * Speaks HTTP/1.1 on a connected stream: sets the stream's handler and resumes it. One slot. A connection whose state
 * is not beyond doubt after an exchange is closed, not offered again.
 */
export function createHttp1ClientConnection(
  stream: ByteStream,
  owner: ClientConnectionOwner,
  wheel: TimerWheel,
  limits: Http1Limits,
): ClientConnection {
  return new Http1ClientConnection(stream, owner, wheel, limits)
}

/* What the bytes of the upstream are, now. */
/** Forbidden: nobody asked. */
const IDLE = 0
const AT_HEAD = 1
const AT_BODY = 2
/** The bytes of a WebSocket, and of no message. */
const TUNNEL = 3
/** The response is complete, the request is not over for the sink yet, or the connection closes. */
const OVER = 4
const CLOSED = 5

const HEAD = ascii('head')
const GET = ascii('get')
const OPTIONS = ascii('options')
const TRACE = ascii('trace')

class Http1ClientConnection implements ClientConnection, ClientExchange, ByteStreamHandler {
  private phase = IDLE
  private readonly parser: ResponseParser
  private readonly body: BodyReader
  private readonly request = new BodyWriter()
  private readonly writes: WriteWatch
  private lease: Lease | null = null
  private sink: ResponseSink | null = null
  private requestSent = false
  /** For a tunnel: our direction of it. */
  private requestComplete = false
  /** The request asked for an upgrade: the connection serves no other one. */
  private upgrading = false
  /** The upstream's direction of the tunnel is over. */
  private inputEnded = false
  private bodyPaused = false
  private draining = false
  private informationals = 0
  /** The response lets the connection live on. */
  private reusable = false
  /** `stream.sentBytes` when the lease began. */
  private sentBefore = 0
  /** Bytes that came while the sink wanted none, copied; from `pendingStart` on. */
  private pending: Buffer | null = null
  private pendingStart = 0
  private continueScheduled = false

  constructor(
    private readonly stream: ByteStream,
    private readonly owner: ClientConnectionOwner,
    wheel: TimerWheel,
    private readonly limits: Http1Limits,
  ) {
    this.parser = new ResponseParser(limits)
    this.body = new BodyReader(limits)
    this.writes = new WriteWatch(stream, this, wheel, limits)
    stream.handler = this
    stream.resume()
  }

  // ClientConnection

  get freeSlots(): number {
    return this.phase === IDLE && this.lease === null && !this.draining && !this.stream.closed ? 1 : 0
  }

  open(sink: ResponseSink): ClientExchange {
    if (this.freeSlots === 0) throw new Error('the connection has no free slot')
    this.sink = sink
    this.requestSent = this.requestComplete = false
    this.bodyPaused = false
    this.informationals = 0
    this.sentBefore = this.stream.sentBytes
    this.lease = new Lease(this)
    return this.lease
  }

  drain(): void {
    this.draining = true
    if (this.phase === IDLE && this.lease === null) this.close()
  }

  destroy(): void {
    this.fail(RESET_LOCAL)
  }

  // ClientExchange: what the lease passes on while it lasts

  get untouched(): boolean {
    return this.stream.sentBytes === this.sentBefore
  }

  sendRequest(head: RequestView, edits: RequestEdits, bodyLength: number, endOfMessage: boolean): void {
    if (this.requestSent) throw new Error('one request an exchange')
    const { bytes, ranges } = head
    const from = ranges[METHOD]!
    const to = ranges[METHOD + 1]!
    const framing = endOfMessage
      ? emptyFraming(bytes, from, to)
      : bodyLength === LENGTH_UNKNOWN
        ? FRAME_CHUNKED
        : bodyLength
    this.parser.answersHead = equalsLower(bytes, from, to, HEAD)
    this.requestSent = true
    this.requestComplete = endOfMessage
    this.upgrading = edits.upgrade
    this.phase = AT_HEAD
    buildRequestHead(head, edits, framing)
    if (endOfMessage) {
      if (!cursor.write(this.stream)) this.writes.begin()
      return
    }
    this.request.begin(framing)
    if (!cursor.stage(this.stream)) this.writes.begin()
  }

  sendData(bytes: Uint8Array, start: number, end: number): boolean {
    if (!this.requestSent || this.requestComplete) return true
    const room = this.request.data(this.stream, bytes, start, end)
    if (this.request.broken) this.fail(RESET_LOCAL)
    else if (!room) this.writes.begin()
    return room
  }

  endRequest(trailers: RequestView | null): void {
    if (!this.requestSent || this.requestComplete) return
    this.request.end(this.stream, trailers)
    if (this.request.broken) return this.fail(RESET_LOCAL)
    this.requestComplete = true
    if (this.phase === TUNNEL) this.endTunnelOutput()
  }

  resumeResponse(): void {
    if (!this.bodyPaused) return
    this.bodyPaused = false
    if (this.pending === null) this.stream.resume()
    else this.scheduleContinue()
  }

  handOver(sink: ResponseSink): void {
    this.sink = sink
  }

  reset(): void {
    this.endLease()
    this.close()
  }

  // ByteStreamHandler

  onBytes(buffer: Buffer, start: number, end: number): void {
    const used = this.consume(buffer, start, end)
    if (used === end || this.phase >= OVER) return
    this.pending = Buffer.from(buffer.subarray(used, end))
    this.pendingStart = 0
  }

  onWritable(): void {
    if (!this.requestComplete) this.sink?.onRequestWritable()
  }

  onEnd(): void {
    // Nothing is kept then: the socket was being read.
    if (this.phase === TUNNEL) this.endTunnelInput()
    else if (this.phase === AT_BODY && this.body.endsWithConnection) {
      this.reusable = false
      this.finishResponse(null)
    } else this.fail(RESET_REMOTE)
  }

  onClose(): void {
    this.phase = CLOSED
    this.pending = null
    this.writes.release()
    this.parser.reset()
    this.endLease()?.onResponseReset(RESET_REMOTE)
    this.owner.onConnectionClosed(this)
  }

  // BodySink: between the reader and a sink that may reset the exchange at any byte

  onData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.sink === null || this.sink.onData(bytes, start, end)
  }

  // WriteWatch

  onWriteStalled(): void {
    this.owner.onLimit('writeStallMs')
    this.fail(RESET_LIMIT)
  }

  private consume(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    while (at < end) {
      if (this.phase === AT_HEAD) at = this.readHead(bytes, at, end)
      else if (this.bodyPaused) break
      else if (this.phase === AT_BODY) at = this.readBody(bytes, at, end)
      else if (this.phase === TUNNEL) at = this.readTunnel(bytes, at, end)
      else break
    }
    // Nobody asked for these.
    if (at < end && this.phase === IDLE) this.fail(RESET_PROTOCOL)
    return at
  }

  private readHead(bytes: Uint8Array, start: number, end: number): number {
    const { parser, sink } = this
    const result = parser.feed(bytes, start, end)
    if (result === PARSE_MORE) return end
    const { head } = parser
    const { status } = head
    if (result === PARSE_REFUSED || (status < 200 && !this.mayBeInterim(status))) {
      this.refuse(parser.limit)
      return end
    }
    parser.started = false
    if (status < 200) {
      if (status === 101) this.startTunnel()
      else sink!.onInformational(head)
      return parser.next
    }
    this.reusable = !head.saysClose && head.minorVersion === 1 && !parser.untilClose && !this.upgrading
    if (head.bodyLength === 0) {
      this.finishWithHead(parser.next < end)
      return parser.next
    }
    this.body.begin(head.bodyLength, parser.untilClose)
    this.phase = AT_BODY
    sink!.onResponse(head, false)
    return parser.next
  }

  private mayBeInterim(status: number): boolean {
    // The protocol changes only for who asked, to what was asked for, and never within a request (RFC 9110 7.8).
    if (status === 101) return this.upgrading && this.requestComplete && this.parser.head.upgrade
    // Bounded: an upstream that only ever informs would hold the exchange for good.
    if (++this.informationals <= this.limits.informationalMax) return true
    this.owner.onLimit('informationalMax')
    return false
  }

  private startTunnel(): void {
    this.phase = TUNNEL
    this.requestComplete = this.inputEnded = false
    this.request.begin(FRAME_NONE)
    this.sink!.onUpgrade(this.parser.head)
    this.parser.reset()
  }

  private readTunnel(bytes: Uint8Array, start: number, end: number): number {
    if (this.onData(bytes, start, end)) return end
    this.bodyPaused = true
    this.stream.pause()
    return end
  }

  private endTunnelInput(): void {
    const { sink } = this
    this.inputEnded = true
    if (this.requestComplete) this.finishTunnel()
    sink!.onEnd(null)
  }

  private endTunnelOutput(): void {
    this.stream.end()
    if (this.inputEnded) this.finishTunnel()
  }

  /** Both ends said FIN: the socket closes by itself, after our last bytes. */
  private finishTunnel(): void {
    this.endLease()
    this.phase = OVER
    if (this.stream.bufferedBytes > 0) this.writes.begin()
  }

  private readBody(bytes: Uint8Array, start: number, end: number): number {
    const { body } = this
    const at = body.read(bytes, start, end, this)
    if (this.phase !== AT_BODY) return end
    if (body.outcome === BODY_REFUSED) {
      this.refuse(body.limit)
      return end
    }
    if (body.outcome === BODY_PAUSED) {
      this.bodyPaused = true
      this.stream.pause()
    } else if (body.outcome === BODY_DONE) {
      if (at < end) this.reusable = false
      this.finishResponse(body.trailers)
    }
    return at
  }

  private finishWithHead(followed: boolean): void {
    const sink = this.endLease()!
    if (followed) this.reusable = false
    this.phase = OVER
    sink.onResponse(this.parser.head, true)
    this.afterExchange()
  }

  private finishResponse(trailers: RequestView | null): void {
    const sink = this.endLease()!
    this.phase = OVER
    sink.onEnd(trailers)
    this.afterExchange()
  }

  /** The slot is free again only if both messages are complete and both sides agree where. */
  private afterExchange(): void {
    if (!this.reusable || !this.requestComplete || this.draining || this.stream.closed) return this.close()
    this.parser.reset()
    this.phase = IDLE
    this.owner.onSlotFree(this)
  }

  private scheduleContinue(): void {
    if (this.continueScheduled) return
    this.continueScheduled = true
    process.nextTick(continueReading, this)
  }

  continueReading(): void {
    this.continueScheduled = false
    const bytes = this.pending
    if (bytes === null || this.phase >= OVER || this.bodyPaused) return
    this.pending = null
    const used = this.consume(bytes, this.pendingStart, bytes.length)
    if (this.phase >= OVER) return
    if (used < bytes.length) {
      this.pending = bytes
      this.pendingStart = used
    } else if (!this.bodyPaused) this.stream.resume()
  }

  /** From here on the lease is dead and the sink hears nothing but what the caller tells it. */
  private endLease(): ResponseSink | null {
    const { sink } = this
    if (this.lease !== null) this.lease.end(this.untouched)
    this.lease = null
    this.sink = null
    return sink
  }

  /** The upstream's bytes are not what its protocol allows, or more than `limit` does. */
  private refuse(limit: LimitName | null): void {
    if (limit !== null) this.owner.onLimit(limit)
    this.fail(RESET_PROTOCOL)
  }

  private fail(reason: ResetReason): void {
    const sink = this.endLease()
    this.close()
    sink?.onResponseReset(reason)
  }

  private close(): void {
    if (this.phase === CLOSED) return
    this.phase = OVER
    this.pending = null
    this.writes.release()
    this.stream.destroy()
  }
}

/** A request without a body says so only where its method makes one likely (RFC 9110 8.6). */
function emptyFraming(bytes: Uint8Array, start: number, end: number): number {
  const unlikely =
    equalsLower(bytes, start, end, GET) ||
    equalsLower(bytes, start, end, HEAD) ||
    equalsLower(bytes, start, end, OPTIONS) ||
    equalsLower(bytes, start, end, TRACE)
  return unlikely ? FRAME_NONE : 0
}

function continueReading(connection: Http1ClientConnection): void {
  connection.continueReading()
}

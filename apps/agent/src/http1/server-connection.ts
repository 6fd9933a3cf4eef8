// HOT: runs per request. Measure before and after.
import type { ConnectionAttributes } from '../http/connection-attributes.js'
import {
  RESET_LIMIT,
  RESET_LOCAL,
  RESET_PROTOCOL,
  RESET_REMOTE,
  type RequestHandler,
  type ResetReason,
  type ServerConnection,
  type ServerConnectionOwner,
} from '../http/exchange.js'
import { type ByteStream, type ByteStreamHandler } from '../io/byte-stream.js'
import { Timer, type TimerOwner, type TimerWheel } from '../io/timer-wheel.js'
import { type LimitName } from '../limits/limits.js'
import { BODY_DONE, BODY_PAUSED, BODY_REFUSED, BodyReader } from './body-reader.js'
import { PARSE_MORE, PARSE_REFUSED } from './field-parser.js'
import { buildLocalReply, SAY_CLOSE } from './head-writer.js'
import { type Http1Limits } from './limits.js'
import { cursor } from './output-cursor.js'
import { refusalReply } from './refusal.js'
import { RequestParser } from './request-parser.js'
import { type ExchangeHost, Http1ServerExchange } from './server-exchange.js'
import { WriteWatch } from './write-watch.js'

/**
 * Serves HTTP/1.x on an accepted stream: sets the stream's handler and resumes it. Requests go to `handler` one at a
 * time; pipelined ones wait, at most one read's worth, while the socket is not read. `owner` hears of the end, once.
 */
export function createHttp1ServerConnection(
  stream: ByteStream,
  attributes: ConnectionAttributes,
  handler: RequestHandler,
  owner: ServerConnectionOwner,
  wheel: TimerWheel,
  limits: Http1Limits,
): ServerConnection {
  return new Http1ServerConnection(stream, attributes, handler, owner, wheel, limits)
}

/* What the bytes of the client are, now. */
/** A request head, or nothing between two requests. */
const AT_HEAD = 0
/** Not wanted: a request is being served and its body has not been asked for, or is over. */
const WAITING = 1
const AT_BODY = 2
/** The rest of a request whose response is complete. */
const DISCARDING = 3
/** The bytes of a WebSocket, and of no message. */
const TUNNEL = 4
/** We are done and said FIN; whatever comes is thrown away. */
const LINGERING = 5
const CLOSED = 6

class Http1ServerConnection implements ServerConnection, ExchangeHost, ByteStreamHandler, TimerOwner {
  private phase = AT_HEAD
  private readonly parser: RequestParser
  private readonly body: BodyReader
  private readonly exchange: Http1ServerExchange
  /** The one deadline of the phase; what it means is said by `onTimer`. Never cancelled while the connection lives. */
  private readonly phaseTimer: Timer
  private readonly writes: WriteWatch
  private requests = 0
  /** The deadline of the exchange is that of its body. */
  private awaitsBody = false
  /** `moved` when the exchange's deadline was set. */
  private movedBefore = 0
  /** The request was read to its end. */
  private requestComplete = true
  private bodyPaused = false
  private draining = false
  private peerEnded = false
  /** Our direction of the tunnel is over. */
  private outputEnded = false
  /** Bytes that came too early, copied; from `pendingStart` on. While there are any, the socket is not read. */
  private pending: Buffer | null = null
  private pendingStart = 0
  private consuming = false
  private continueScheduled = false
  private reading = true
  private lingerBuffered = 0

  constructor(
    readonly stream: ByteStream,
    readonly attributes: ConnectionAttributes,
    private readonly handler: RequestHandler,
    private readonly owner: ServerConnectionOwner,
    wheel: TimerWheel,
    private readonly limits: Http1Limits,
  ) {
    this.parser = new RequestParser(limits)
    this.body = new BodyReader(limits)
    this.exchange = new Http1ServerExchange(this, this.parser.head)
    this.phaseTimer = new Timer(wheel, this)
    this.writes = new WriteWatch(stream, this, wheel, limits)
    stream.handler = this
    this.phaseTimer.arm(limits.firstByteMs)
    stream.resume()
  }

  // ServerConnection

  drain(): void {
    if (this.draining) return
    this.draining = true
    // A request may be under way to us: it is served within the grace, and told that it was the last.
    if (this.phase === AT_HEAD && !this.parser.started) this.phaseTimer.arm(this.limits.drainIdleMs)
  }

  destroy(): void {
    this.drop(RESET_LOCAL)
  }

  // ByteStreamHandler

  onBytes(buffer: Buffer, start: number, end: number): void {
    if (this.phase >= LINGERING) return
    const used = this.consume(buffer, start, end)
    if (used === end || this.phase >= LINGERING) return
    this.pending = Buffer.from(buffer.subarray(used, end))
    this.pendingStart = 0
    this.updateReading()
  }

  onWritable(): void {
    if (this.phase === AT_HEAD && this.pending !== null) this.scheduleContinue()
    else if (this.exchange.active) this.exchange.owner?.onResponseWritable()
  }

  onEnd(): void {
    this.peerEnded = true
    // Nothing is kept then: the socket was being read.
    if (this.phase === TUNNEL) this.endTunnelInput()
    else if (this.phase === AT_HEAD || this.phase === DISCARDING) this.closeGracefully()
    else if (!this.requestComplete) this.drop(RESET_REMOTE)
  }

  onClose(): void {
    this.phase = CLOSED
    this.pending = null
    this.phaseTimer.release()
    this.writes.release()
    this.exchange.fail(RESET_REMOTE)
    this.parser.reset()
    this.owner.onConnectionClosed(this)
  }

  // TimerOwner

  onTimer(): void {
    switch (this.phase) {
      case AT_HEAD:
        this.onHeadTimer()
        break
      case AT_BODY:
      case WAITING:
        this.onExchangeTimer()
        break
      case DISCARDING:
        this.owner.onLimit('drainMs')
        this.closeGracefully()
        break
      case LINGERING:
        this.lingerOn()
        break
      default:
    }
  }

  // WriteWatch

  onWriteStalled(): void {
    this.owner.onLimit('writeStallMs')
    this.drop(RESET_LIMIT)
  }

  // ExchangeHost

  retainHead(): void {
    this.parser.retain()
  }

  startBody(): void {
    if (this.phase !== WAITING || this.requestComplete) return
    this.phase = AT_BODY
    this.bodyPaused = false
    this.armExchange()
    this.readOn()
  }

  resumeBody(): void {
    if (!this.bodyPaused || (this.phase !== AT_BODY && this.phase !== TUNNEL)) return
    this.bodyPaused = false
    if (this.phase === AT_BODY) this.armExchange()
    this.readOn()
  }

  mayKeepAlive(complete: boolean): boolean {
    const { head } = this.parser
    if (this.draining || this.peerEnded || head.saysClose || this.requests === this.limits.requestsMax) return false
    if (head.minorVersion === 0 && !head.saysKeepAlive) return false
    if (this.requestComplete) return true
    // The client may or may not send the body that it asked about.
    if (head.expectsContinue && !this.exchange.continued && this.body.received === 0) return false
    // A long rest is not worth reading; as long as the response goes on it may still come to its end.
    return !complete || this.body.remainingBytes <= this.limits.drainBytes
  }

  onCongested(): void {
    this.writes.begin()
  }

  onResponseComplete(): void {
    const { exchange } = this
    const { owner, closes } = exchange
    exchange.finish()
    if (this.requestComplete) {
      if (closes) this.closeGracefully()
      else this.awaitRequest()
    } else if (closes || !this.mayKeepAlive(true)) {
      this.closeGracefully()
    } else {
      this.phase = DISCARDING
      this.bodyPaused = false
      this.phaseTimer.arm(this.limits.drainMs)
      this.readOn()
    }
    owner?.onExchangeEnd()
  }

  startTunnel(): void {
    this.phase = TUNNEL
    // Its deadline is the proxy's: it looks at both directions.
    this.phaseTimer.cancel()
    this.bodyPaused = false
    // A client that ended before its 101: nothing of it is kept. Told in a turn of its own, as kept bytes are.
    if (this.peerEnded) process.nextTick(endTunnelInput, this)
    else this.readOn()
  }

  endTunnelOutput(): void {
    if (this.outputEnded) return
    this.outputEnded = true
    if (this.peerEnded) this.finishTunnel()
    else this.stream.end()
  }

  abandon(): void {
    this.drop(RESET_LOCAL)
  }

  endTunnelInput(): void {
    if (this.phase !== TUNNEL) return
    this.exchange.onEnd(null)
    if (this.outputEnded) this.finishTunnel()
  }

  /** Uses bytes as far as the state of the exchange allows; returns where it stopped. */
  private consume(bytes: Uint8Array, start: number, end: number): number {
    let at = start
    this.consuming = true
    while (at < end && this.wantsBytes()) {
      if (this.phase === AT_HEAD) at = this.readHead(bytes, at, end)
      else if (this.phase === TUNNEL) at = this.readTunnel(bytes, at, end)
      else at = this.readBody(bytes, at, end)
    }
    this.consuming = false
    return at
  }

  private wantsBytes(): boolean {
    switch (this.phase) {
      case AT_HEAD:
        // A client that pipelines and does not read its responses is not served further.
        return !this.stream.congested || this.parser.started
      case AT_BODY:
      case TUNNEL:
        return !this.bodyPaused
      default:
        return this.phase === DISCARDING
    }
  }

  private readHead(bytes: Uint8Array, start: number, end: number): number {
    const { parser } = this
    const began = !parser.started
    const result = parser.feed(bytes, start, end)
    if (result === PARSE_MORE) {
      if (began) this.phaseTimer.arm(this.limits.headMs)
      return end
    }
    if (result === PARSE_REFUSED) {
      this.refuseBeyond(parser.limit, parser.refusal)
      return end
    }
    // The next head is another section: only then are this one's ranges gone.
    parser.started = false
    this.deliver()
    return parser.next
  }

  private deliver(): void {
    const { exchange, parser } = this
    this.body.begin(parser.head.bodyLength, false)
    this.requestComplete = parser.head.bodyLength === 0
    this.phase = WAITING
    this.awaitsBody = false
    this.movedBefore = this.stream.sentBytes
    this.phaseTimer.arm(this.limits.streamIdleMs)
    if (++this.requests === this.limits.requestsMax) this.owner.onLimit('requestsMax')
    exchange.begin()
    this.handler.onRequest(exchange)
    if (exchange.active && exchange.owner === null) throw new Error('the handler took a request without an owner')
  }

  private readBody(bytes: Uint8Array, start: number, end: number): number {
    const { body, exchange } = this
    const discarding = this.phase === DISCARDING
    const at = body.read(bytes, start, end, discarding ? null : exchange)
    // The sink may have ended the exchange meanwhile.
    if (!discarding && (this.phase !== AT_BODY || !exchange.active)) return this.afterSinkActed(at, end)
    if (body.outcome === BODY_REFUSED) {
      // A response that is complete is the only one of its request.
      if (discarding) this.closeGracefully()
      else this.refuseBeyond(body.limit, 400)
      return end
    }
    if (body.outcome === BODY_DONE) this.endRequest(discarding)
    else if (body.outcome === BODY_PAUSED) {
      this.bodyPaused = true
      this.armExchange()
      this.updateReading()
    } else if (discarding && body.received > this.limits.drainBytes) {
      this.owner.onLimit('drainBytes')
      this.closeGracefully()
    }
    return at
  }

  private endRequest(discarding: boolean): void {
    this.requestComplete = true
    if (discarding) return this.awaitRequest()
    this.phase = WAITING
    this.armExchange()
    this.exchange.onEnd(this.body.trailers)
  }

  private afterSinkActed(at: number, end: number): number {
    if (this.phase === DISCARDING && this.body.outcome === BODY_DONE) this.endRequest(true)
    else if (this.body.outcome === BODY_REFUSED && this.phase < LINGERING) this.closeGracefully()
    return this.phase >= LINGERING ? end : at
  }

  private readTunnel(bytes: Uint8Array, start: number, end: number): number {
    if (this.exchange.onData(bytes, start, end)) return end
    this.bodyPaused = true
    this.updateReading()
    return end
  }

  private finishTunnel(): void {
    const { owner } = this.exchange
    this.exchange.finish()
    this.closeGracefully()
    owner?.onExchangeEnd()
  }

  private awaitRequest(): void {
    this.phase = AT_HEAD
    this.requestComplete = true
    if (!this.parser.started) this.parser.reset()
    if (this.peerEnded) return this.closeGracefully()
    // A short answer may have left all that the client must take, and no congestion.
    if (this.stream.bufferedBytes > 0) this.writes.begin()
    this.phaseTimer.arm(this.draining ? this.limits.drainIdleMs : this.limits.keepAliveMs)
    this.readOn()
  }

  /** What was kept is used first, in a turn of its own: never within a call from above. */
  private readOn(): void {
    if (this.consuming) return
    if (this.pending !== null) this.scheduleContinue()
    else this.updateReading()
  }

  private scheduleContinue(): void {
    if (this.continueScheduled) return
    this.continueScheduled = true
    process.nextTick(continueReading, this)
  }

  continueReading(): void {
    this.continueScheduled = false
    const bytes = this.pending
    if (bytes === null || this.phase >= LINGERING) return
    this.pending = null
    const used = this.consume(bytes, this.pendingStart, bytes.length)
    if (used < bytes.length && this.phase < LINGERING) {
      this.pending = bytes
      this.pendingStart = used
    }
    this.updateReading()
  }

  /** The socket is read unless bytes are kept already, or the body's receiver wants no more. */
  private updateReading(): void {
    const paused = this.bodyPaused && (this.phase === AT_BODY || this.phase === TUNNEL)
    const wanted = this.phase === LINGERING || (this.pending === null && !paused)
    if (wanted === this.reading || this.phase === CLOSED) return
    this.reading = wanted
    if (wanted) this.stream.resume()
    else this.stream.pause()
  }

  private onHeadTimer(): void {
    if (this.parser.started) return this.refuseBeyond('headMs', 408)
    const waited = this.requests === 0 ? 'firstByteMs' : 'keepAliveMs'
    this.owner.onLimit(this.draining ? 'drainIdleMs' : waited)
    this.closeGracefully()
  }

  /** Octets of the exchange that moved, both ways. */
  private get moved(): number {
    return this.body.received + this.stream.sentBytes
  }

  /** The deadline of the client, while only its body is waited for; of everything otherwise. */
  private armExchange(): void {
    this.awaitsBody = this.phase === AT_BODY && !this.bodyPaused && !this.exchange.responseBegun
    this.movedBefore = this.moved
    this.phaseTimer.arm(this.awaitsBody ? this.limits.bodyIdleMs : this.limits.streamIdleMs)
  }

  /** Progress is looked at when the time is up, so that a byte costs no timer. */
  private onExchangeTimer(): void {
    const progress = this.moved - this.movedBefore
    const isStale = this.awaitsBody && this.exchange.responseBegun
    // A client that does not take what was sent has a deadline of its own.
    if (isStale || this.writes.active || progress >= (this.awaitsBody ? this.limits.bodyIdleBytes : 1)) {
      return this.armExchange()
    }
    if (this.awaitsBody) return this.refuseBeyond('bodyIdleMs', 408, RESET_LIMIT)
    this.owner.onLimit('streamIdleMs')
    this.armExchange()
    this.exchange.owner?.onStreamIdle()
  }

  private refuseBeyond(limit: LimitName | null, status: number, reason: ResetReason = RESET_PROTOCOL): void {
    if (limit !== null) this.owner.onLimit(limit)
    this.refuse(status, reason)
  }

  /** Answers what cannot be served, if an answer is still possible, and closes. */
  private refuse(status: number, reason: ResetReason = RESET_PROTOCOL): void {
    const begun = this.exchange.responseBegun
    this.exchange.fail(reason)
    if (this.phase >= LINGERING) return
    if (begun) return this.drop(reason)
    buildLocalReply(refusalReply(status), null, true, SAY_CLOSE)
    cursor.write(this.stream)
    this.closeGracefully()
  }

  /** FIN after the last byte; then the client's bytes are read and dropped, or its unread ones would cause a reset. */
  private closeGracefully(): void {
    if (this.phase >= LINGERING) return
    this.phase = LINGERING
    this.pending = null
    this.stream.end()
    this.lingerBuffered = this.stream.bufferedBytes
    if (this.lingerBuffered > 0) this.writes.begin()
    this.phaseTimer.arm(this.limits.lingerMs)
    this.updateReading()
  }

  /** While our last bytes are taken, the deadline is that of the write watch; then `lingerMs` for the client's FIN. */
  private lingerOn(): void {
    if (this.lingerBuffered === 0) {
      this.owner.onLimit('lingerMs')
      return this.drop(RESET_LIMIT)
    }
    this.lingerBuffered = this.stream.bufferedBytes
    this.phaseTimer.arm(this.limits.lingerMs)
  }

  private drop(reason: ResetReason): void {
    if (this.phase === CLOSED) return
    this.phase = LINGERING
    this.pending = null
    this.phaseTimer.release()
    this.writes.release()
    const { cutByClosing } = this.exchange
    this.exchange.fail(reason)
    if (cutByClosing) this.stream.reset()
    else this.stream.destroy()
  }
}

function endTunnelInput(connection: Http1ServerConnection): void {
  connection.endTunnelInput()
}

function continueReading(connection: Http1ServerConnection): void {
  connection.continueReading()
}

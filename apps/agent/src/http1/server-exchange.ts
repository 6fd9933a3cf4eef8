// HOT: runs per request. Measure before and after.
import { METHOD, type RequestView } from '@fairlead/core/routing/request-view'
import type { ConnectionAttributes } from '../http/connection-attributes.js'
import type { BodySink, ResetReason, ServerExchange, ServerExchangeOwner } from '../http/exchange.js'
import { type FieldEdits, type HeadEdits, LENGTH_UNKNOWN, type LocalReply, type ResponseHead } from '../http/head.js'
import { ascii, equalsLower } from '../io/byte-classes.js'
import { type ByteStream } from '../io/byte-stream.js'
import { BodyWriter } from './body-writer.js'
import { type HeadTable } from './head-table.js'
import {
  buildLocalReply,
  buildResponseHead,
  type ConnectionWord,
  FRAME_AS_RECEIVED,
  FRAME_CHUNKED,
  FRAME_NONE,
  SAY_CLOSE,
  SAY_KEEP_ALIVE,
  SAY_NOTHING,
  SAY_UPGRADE,
} from './head-writer.js'
import { cursor } from './output-cursor.js'

/** What the response side asks of the connection it stands on. */
export interface ExchangeHost {
  readonly stream: ByteStream
  readonly attributes: ConnectionAttributes
  retainHead(): void
  startBody(): void
  resumeBody(): void
  /** Whether the connection may serve another request after a response that is `complete` with its head. */
  mayKeepAlive(complete: boolean): boolean
  /** Bytes went to a peer that does not keep up. */
  onCongested(): void
  onResponseComplete(): void
  /** 101 was sent: the client's bytes are the tunnel's. */
  startTunnel(): void
  /** The upstream's direction of the tunnel ended. */
  endTunnelOutput(): void
  /** The response cannot be finished: the connection goes. */
  abandon(): void
}

const NO_EXCHANGE = 0
const AWAITING_RESPONSE = 1
const IN_BODY = 2
const IN_TUNNEL = 3
const RESPONSE_COMPLETE = 4

const HEAD = ascii('head')

/** The response side of the one request that a connection serves at a time. Reused for each. */
export class Http1ServerExchange implements ServerExchange, BodySink {
  owner: ServerExchangeOwner | null = null
  /** 100 was passed on: the client sends its body. */
  continued = false
  /** The response's head said, or its framing means, that the connection ends after it. */
  closes = false
  /** A response under way ends with the connection: only a reset tells its client that it is not whole. */
  cutByClosing = false
  private state = NO_EXCHANGE
  private answersHead = false
  private readonly body = new BodyWriter()

  constructor(
    private readonly host: ExchangeHost,
    readonly request: HeadTable,
  ) {}

  get connection(): ConnectionAttributes {
    return this.host.attributes
  }

  /** A request was delivered and its response is not complete. */
  get active(): boolean {
    return this.state >= AWAITING_RESPONSE && this.state <= IN_TUNNEL
  }

  get responseBegun(): boolean {
    return this.state >= IN_BODY
  }

  begin(): void {
    const { bytes, ranges } = this.request
    this.owner = null
    this.continued = false
    this.closes = this.cutByClosing = false
    this.state = AWAITING_RESPONSE
    this.answersHead = equalsLower(bytes, ranges[METHOD]!, ranges[METHOD + 1]!, HEAD)
  }

  /** No callbacks from here on, and every call is ignored. */
  finish(): void {
    this.state = NO_EXCHANGE
    this.owner = null
  }

  /** A response of ours was cut off by a reset: says so, once. */
  fail(reason: ResetReason): void {
    const { owner } = this
    if (!this.active) return
    this.finish()
    owner?.onRequestReset(reason)
  }

  /** From the codec: body bytes for the owner, or for nobody once the exchange is over. */
  onData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.active && this.owner !== null ? this.owner.onData(bytes, start, end) : true
  }

  onEnd(trailers: RequestView | null): void {
    if (this.active) this.owner?.onEnd(trailers)
  }

  retain(): void {
    if (this.active) this.host.retainHead()
  }

  startRequestBody(): void {
    if (this.active) this.host.startBody()
  }

  resumeRequestBody(): void {
    if (this.active) this.host.resumeBody()
  }

  sendInformational(head: ResponseHead): void {
    // A client of HTTP/1.0 knows none (RFC 9110 15.2); 101 would change the protocol.
    if (this.state !== AWAITING_RESPONSE || this.request.minorVersion === 0 || head.status === 101) return
    if (head.status === 100) this.continued = true
    buildResponseHead(head, null, FRAME_NONE, SAY_NOTHING)
    if (!cursor.write(this.host.stream)) this.host.onCongested()
  }

  sendResponse(head: ResponseHead, edits: HeadEdits | null, endOfMessage: boolean): void {
    if (this.state !== AWAITING_RESPONSE) return
    const bodyless = this.answersHead || head.status === 204 || head.status === 304
    const complete = endOfMessage || bodyless
    const framing = this.responseFraming(head, bodyless, endOfMessage)
    const word = this.connectionWord(framing === FRAME_NONE && !bodyless, complete)
    buildResponseHead(head, edits, framing, word)
    const { stream } = this.host
    if (complete) {
      if (!cursor.write(stream)) this.host.onCongested()
      this.complete()
      return
    }
    this.state = IN_BODY
    this.cutByClosing = framing === FRAME_NONE
    this.body.begin(framing)
    if (!cursor.stage(stream)) this.host.onCongested()
  }

  acceptUpgrade(head: ResponseHead, edits: HeadEdits | null): void {
    if (this.state !== AWAITING_RESPONSE) return
    if (!this.request.upgrade) throw new Error('the request asked for no upgrade')
    buildResponseHead(head, edits, FRAME_NONE, SAY_UPGRADE)
    this.state = IN_TUNNEL
    this.body.begin(FRAME_NONE)
    if (!cursor.stage(this.host.stream)) this.host.onCongested()
    this.host.startTunnel()
  }

  sendData(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.state !== IN_BODY && this.state !== IN_TUNNEL) return true
    const room = this.body.data(this.host.stream, bytes, start, end)
    if (this.body.broken) {
      this.finish()
      this.host.abandon()
      return true
    }
    if (!room) this.host.onCongested()
    return room
  }

  endResponse(trailers: RequestView | null): void {
    if (this.state === IN_TUNNEL) return this.host.endTunnelOutput()
    if (this.state !== IN_BODY) return
    this.body.end(this.host.stream, trailers)
    if (this.body.broken) {
      this.finish()
      this.host.abandon()
    } else this.complete()
  }

  sendLocalReply(reply: LocalReply, edits: FieldEdits | null): void {
    if (this.state !== AWAITING_RESPONSE) return
    const withBody = !this.answersHead && reply.status !== 204 && reply.status !== 304
    buildLocalReply(reply, edits, withBody, this.connectionWord(false, true))
    if (!cursor.write(this.host.stream)) this.host.onCongested()
    this.complete()
  }

  reset(_reason: ResetReason): void {
    if (!this.active) return
    this.finish()
    this.host.abandon()
  }

  private complete(): void {
    this.state = RESPONSE_COMPLETE
    this.cutByClosing = false
    this.host.onResponseComplete()
  }

  private responseFraming(head: ResponseHead, bodyless: boolean, endOfMessage: boolean): number {
    if (bodyless) return head.status === 204 ? FRAME_NONE : FRAME_AS_RECEIVED
    if (endOfMessage) return 0
    if (head.bodyLength !== LENGTH_UNKNOWN) return head.bodyLength
    return this.request.minorVersion === 0 ? FRAME_NONE : FRAME_CHUNKED
  }

  private connectionWord(untilClose: boolean, complete: boolean): ConnectionWord {
    this.closes = untilClose || !this.host.mayKeepAlive(complete)
    if (this.closes) return SAY_CLOSE
    return this.request.minorVersion === 0 ? SAY_KEEP_ALIVE : SAY_NOTHING
  }
}

import type { RequestView } from '@fairlead/core/routing/request-view'
import type { LimitName } from '../limits/limits.js'
import type { ConnectionAttributes } from './connection-attributes.js'
import type { FieldEdits, HeadEdits, LocalReply, RequestEdits, RequestHead, ResponseHead } from './head.js'

/**
 * The contract between codecs and proxy. HTTP/1 offers one exchange a connection at a time, HTTP/2 many; nothing above
 * knows which it got.
 *
 * Rules that hold on both sides:
 * - A byte range handed to `onData`/`sendData` is valid during the call only. The receiver has copied or written it
 *   when the call returns.
 * - Backpressure: `false` from `onData` or `sendData` means "took it, but no more now". After that the codec stops
 *   reading, until `resume...()`; and the sender waits for `on...Writable()`.
 * - An exchange that ended (both messages complete, or reset) calls nothing any more and ignores every later call.
 * - Callbacks never re-enter: a codec does not call a sink from within a send, except `onReset`.
 *
 * A tunnel is a body in both directions, without framing and trailers. It begins when the upstream's 101 comes
 * (`ResponseSink.onUpgrade`) and the proxy passes it on (`ServerExchange.acceptUpgrade`), and takes up the exchange anew:
 * bytes through `onData` and `sendData`, half-closes through `onEnd`, `endRequest` and `endResponse`. It is over when both
 * directions ended, or by a reset, and so are both connections.
 */

/** Why an exchange ended before both messages were complete. Integers: compared on the request path. */
export const RESET_NONE = 0
/** The peer closed or reset the connection, or the stream. */
export const RESET_REMOTE = 1
/** The peer sent what its protocol forbids. */
export const RESET_PROTOCOL = 2
/** A bound of ours was hit: a deadline of the codec, a size. */
export const RESET_LIMIT = 3
/** We gave up: timeout, the other side went away, shutdown. */
export const RESET_LOCAL = 4
export type ResetReason = 0 | 1 | 2 | 3 | 4

/** Receives the body of one message, after its head. */
export interface BodySink {
  onData(bytes: Uint8Array, start: number, end: number): boolean
  /** The message is complete. `trailers` are a field table like a head's, or null. */
  onEnd(trailers: RequestView | null): void
}

/** The downstream side of one request: what a server codec gives to the proxy. */
export interface ServerExchange {
  readonly request: RequestHead
  readonly connection: ConnectionAttributes
  /** Set by the proxy within `onRequest`, never null afterwards. */
  owner: ServerExchangeOwner | null
  /** Copies the head out of the read buffer, once; `request` then stays valid until the exchange ends. */
  retain(): void
  /** Body bytes flow to the owner from now on (also those already read). Until then the codec does not read on. */
  startRequestBody(): void
  resumeRequestBody(): void
  /** 1xx but 101: passed on at once. */
  sendInformational(head: ResponseHead): void
  /** Head of the final response, once. `endOfMessage`: no body follows (also for HEAD, 204, 304). */
  sendResponse(head: ResponseHead, edits: HeadEdits | null, endOfMessage: boolean): void
  sendData(bytes: Uint8Array, start: number, end: number): boolean
  endResponse(trailers: RequestView | null): void
  /**
   * Instead of `sendResponse`, where the request asked for an upgrade and is complete: 101, with `Upgrade` and `Connection`
   * by the codec. What the client sent early, and sends now, goes to the owner, without `startRequestBody`.
   */
  acceptUpgrade(head: ResponseHead, edits: HeadEdits | null): void
  /** Instead of `sendResponse` and what follows it: a complete response of our own. Legal until `sendResponse` was called. */
  sendLocalReply(reply: LocalReply, edits: FieldEdits | null): void
  /** Gives up a response that began: HTTP/1 closes the connection, HTTP/2 resets the stream. */
  reset(reason: ResetReason): void
}

/** Request body and the fate of the downstream side go to the proxy's own request object. */
export interface ServerExchangeOwner extends BodySink {
  /** After a `false` from `sendData`: room again. */
  onResponseWritable(): void
  /** The client is gone, or broke the protocol. The exchange is over; the codec answers 4xx itself where it can. */
  onRequestReset(reason: ResetReason): void
  /**
   * No byte moved in either direction for the stream idle timeout: the owner answers, or resets what it began.
   */
  onStreamIdle(): void
  /** The response's last byte was handed to the kernel and the request was read to its end (or given up). */
  onExchangeEnd(): void
}

/** Where a server codec delivers requests. Sets `exchange.owner` before it returns. */
export interface RequestHandler {
  onRequest(exchange: ServerExchange): void
}

/** The upstream side of one try, leased from a connection with a free slot. */
export interface ClientExchange {
  /** No byte of this exchange was handed to the kernel yet: sending it elsewhere repeats nothing. */
  readonly untouched: boolean
  /**
   * Once, first. `bodyLength` is that of the request as it will be sent; `endOfMessage` when it is 0.
   * The head view is read during the call only.
   */
  sendRequest(head: RequestView, edits: RequestEdits, bodyLength: number, endOfMessage: boolean): void
  sendData(bytes: Uint8Array, start: number, end: number): boolean
  endRequest(trailers: RequestView | null): void
  resumeResponse(): void
  /** From now on `sink` hears of it. */
  handOver(sink: ResponseSink): void
  /** Gives the exchange up; its sink hears nothing more. HTTP/1 closes the connection. */
  reset(reason: ResetReason): void
}

/** What a client codec reports of one try. */
export interface ResponseSink extends BodySink {
  onInformational(head: ResponseHead): void
  /** 101, in answer to `RequestEdits.upgrade` and to a complete request: the tunnel begins. */
  onUpgrade(head: ResponseHead): void
  /** `endOfMessage`: neither `onData` nor `onEnd` follows. */
  onResponse(head: ResponseHead, endOfMessage: boolean): void
  onRequestWritable(): void
  /** The response will not be completed. The exchange is over. */
  onResponseReset(reason: ResetReason): void
}

/** An upstream connection, owned by a pool. HTTP/1 has one slot, HTTP/2 as many as the peer allows. */
export interface ClientConnection {
  /** Exchanges that can be opened now; 0 while busy, draining or closed. */
  readonly freeSlots: number
  /** Requires a free slot. */
  open(sink: ResponseSink): ClientExchange
  /** No new exchanges; closes when the open ones have ended. */
  drain(): void
  destroy(): void
}

export interface ClientConnectionOwner {
  /** A slot became free: both messages of an exchange are complete, and the connection may be used again. */
  onSlotFree(connection: ClientConnection): void
  /** A bound of the codec was hit; what follows from that is on its way. To be counted. */
  onLimit(limit: LimitName): void
  /** The connection is closed; its exchanges have been told. Called exactly once. */
  onConnectionClosed(connection: ClientConnection): void
}

/** A downstream connection, owned by `listen`. */
export interface ServerConnection {
  /** Finish what is under way, say `Connection: close` (GOAWAY), then close. */
  drain(): void
  destroy(): void
}

export interface ServerConnectionOwner {
  /** A bound of the codec was hit; what follows from that is on its way. To be counted. */
  onLimit(limit: LimitName): void
  onConnectionClosed(connection: ServerConnection): void
}

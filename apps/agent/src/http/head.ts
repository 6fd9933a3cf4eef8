import type { RequestView } from '@fairlead/core/routing/request-view'

/** `bodyLength` of a message whose length is known only at its end (chunked, HTTP/2 without content-length). */
export const LENGTH_UNKNOWN = -1

/**
 * A parsed request head. Ranges die when the codec's callback returns; whoever parks the request calls
 * `ServerExchange.retain()` first, after which they stay valid until the exchange ends.
 */
export interface RequestHead extends RequestView {
  /** 0: no body. `LENGTH_UNKNOWN`: framed by the codec. Else octets. */
  readonly bodyLength: number
  /** The client waits for 100 (RFC 9110 10.1.1). */
  readonly expectsContinue: boolean
  /**
   * The client asks for a WebSocket, as RFC 6455 4.1 has it. Every other protocol in `Upgrade` is as good as none: a
   * server may ignore the field (RFC 9110 7.8), where Envoy answers 403.
   */
  readonly upgrade: boolean
}

/** A parsed response head: same table, the pseudo slots are unused. Valid during the callback only. */
export interface ResponseHead extends RequestView {
  readonly status: number
  /** As `RequestHead.bodyLength`; a close-delimited body is `LENGTH_UNKNOWN` too. */
  readonly bodyLength: number
}

/** A field in bytes; `name` in lower case. Built when config is applied, written by codecs. */
export interface Field {
  readonly name: Uint8Array
  readonly value: Uint8Array
}

/** Static header operations of a route and destination, compiled from `HeaderOperations` when config is applied. */
export interface FieldEdits {
  /** Lower-case names; every field of that name is left out. */
  readonly drop: readonly Uint8Array[]
  readonly append: readonly Field[]
}

/* What the proxy decided of a received field. */
export const FIELD_PLAIN = 0
/** Left out. */
export const FIELD_DROPPED = 1
/** Goes on, even if `Connection` names it. */
export const FIELD_KEPT = 2

/** Fields that the proxy itself adds to a head, and what becomes of received ones. Read during the call only. */
export interface OwnFields {
  /** One FIELD_ value for each received field, by its index; null: all are plain. */
  readonly marks: Uint8Array | null
  /** `lines[start..end)`: one `name: value CRLF` after the other, names in lower case. */
  readonly lines: Uint8Array
  readonly start: number
  readonly end: number
}

/**
 * How the fields of a head differ from those received. Reused objects: `null` leaves a part as it is. Hop-by-hop fields
 * and framing are the codec's own business and never appear here; it takes them away first and then adds these.
 */
export interface HeadEdits {
  fields: FieldEdits | null
  own: OwnFields | null
}

/** One reused object a request. */
export interface RequestEdits extends HeadEdits {
  /** Replaces path and query. */
  target: Uint8Array | null
  /** Replaces the authority (`Host`). */
  authority: Uint8Array | null
  /** Asks the upstream for the WebSocket that the client asked for. */
  upgrade: boolean
}

/** A whole response made here, not by an upstream: prebuilt at apply or at module load, never per request. */
export interface LocalReply {
  readonly status: number
  readonly fields: readonly Field[]
  readonly body: Uint8Array | null
}

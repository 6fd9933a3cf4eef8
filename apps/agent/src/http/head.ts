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

/**
 * How a request head differs from the one received. One reused object an exchange: `null` leaves a part as it is.
 * Hop-by-hop fields and framing are the codec's own business and never appear here.
 */
export interface RequestEdits {
  /** Replaces path and query. */
  target: Uint8Array | null
  /** Replaces the authority (`Host`). */
  authority: Uint8Array | null
  fields: FieldEdits | null
}

/** A whole response made here, not by an upstream: prebuilt at apply or at module load, never per request. */
export interface LocalReply {
  readonly status: number
  readonly fields: readonly Field[]
  readonly body: Uint8Array | null
}

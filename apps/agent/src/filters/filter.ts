import { type ServerExchange } from '../http/exchange.js'

/** What a filter says of a request. Integers: compared on the request path. */
export const CONTINUE = 0
/** The filter has answered through the exchange (`sendLocalReply`); nothing after it sees the request. */
export const REPLY = 1
/** The filter has called `exchange.retain()` and will call `resume()` once, later. */
export const PARK = 2
export type Verdict = 0 | 1 | 2

/** How a parked request goes on. Ignored if the request ended in the meantime. */
export interface ParkedRequest {
  resume(verdict: 0 | 1): void
}

/**
 * One concern of a request, built from config when that is applied. A filter that a config does not ask for is not in
 * the list at all, and an empty list is `null`: absence costs one check.
 */
export interface Filter {
  onRequest(exchange: ServerExchange, parked: ParkedRequest): Verdict
  /** The request ended, however. Only told to filters that saw it. */
  onEnd(exchange: ServerExchange): void
}

import { RESET_LIMIT, RESET_PROTOCOL, type ResetReason } from '../http/exchange.js'
import {
  FLAG_DOWNSTREAM_CONNECTION_TERMINATION,
  FLAG_DOWNSTREAM_PROTOCOL_ERROR,
  FLAG_LOCAL_RESET,
  FLAG_NO_CLUSTER,
  FLAG_NO_HEALTHY_UPSTREAM,
  FLAG_NO_ROUTE,
  FLAG_STREAM_IDLE_TIMEOUT,
  FLAG_UPSTREAM_CONNECTION_FAILURE,
  FLAG_UPSTREAM_CONNECTION_TERMINATION,
  FLAG_UPSTREAM_OVERFLOW,
  FLAG_UPSTREAM_PROTOCOL_ERROR,
  FLAG_UPSTREAM_REQUEST_TIMEOUT,
} from '../http/outcome.js'
import { type Field, type LocalReply } from '../http/head.js'
import {
  RETRY_5XX,
  RETRY_CONNECT_FAILURE,
  RETRY_GATEWAY_ERROR,
  RETRY_RESET,
  RETRY_RESET_BEFORE_REQUEST,
} from './retry-plan.js'

/**
 * Everything that keeps a request from its upstream's answer. The one place where a failure becomes a response:
 * status, flag and text as Envoy's. A failure is an index into the table.
 */
export interface FailureRow {
  readonly flags: number
  /** Conditions of a retry policy that take this failure as their own; 0: never tried again. */
  readonly retryOn: number
  readonly reply: LocalReply
  /** What is said if it happened again after retries. */
  readonly replyAfterRetries: LocalReply
}

export const NOT_CONFIGURED = 0
export const NO_ROUTE = 1
export const BLACK_HOLE = 2
export const NO_CLUSTER = 3
export const NO_HOST = 4
export const CONNECT_FAILED = 5
export const CONNECT_TIMED_OUT = 6
export const POOL_OVERFLOW = 7
export const UPSTREAM_CLOSED = 8
export const UPSTREAM_CLOSED_UNTOUCHED = 9
export const UPSTREAM_BROKE_PROTOCOL = 10
export const TRY_TIMED_OUT = 11
/** A bound of the upstream codec was hit, for example the deadline of a peer that takes no bytes. */
export const UPSTREAM_GIVEN_UP = 12
export const REQUEST_TIMED_OUT = 13
/** The path has no normal form. */
export const PATH_UNFIT = 14
/** A method that is not let in here. */
export const METHOD_NOT_ALLOWED = 15
/** Nothing moved for too long: the client owes the rest of its request, or the upstream its answer. */
export const REQUEST_IDLE = 16
export const RESPONSE_IDLE = 17
/** HTTP/1.0 may leave Host out; what goes on is HTTP/1.1 and may not. */
export const NO_AUTHORITY = 18
export type Failure = 0 | 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | 9 | 10 | 11 | 12 | 13 | 14 | 15 | 16 | 17 | 18

const encoder = new TextEncoder()
const PLAIN_TEXT = field('content-type', 'text/plain')
const OVERLOADED = field('x-envoy-overloaded', 'true')
/** RFC 9110 15.5.6 wants the list; what a route's service allows is for the service to say. */
const ALLOW = field('allow', 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS')

/** Envoy counts a reset as the 5xx that it would become. */
const ON_RESET = RETRY_RESET | RETRY_5XX | RETRY_GATEWAY_ERROR
/** The request was not sent, or not a byte of it. */
const ON_UNTOUCHED = ON_RESET | RETRY_RESET_BEFORE_REQUEST
const ON_CONNECT_FAILURE = ON_UNTOUCHED | RETRY_CONNECT_FAILURE

export const FAILURES: readonly FailureRow[] = [
  row(503, 0, 0, 'no configuration yet'),
  row(404, FLAG_NO_ROUTE, 0, null),
  row(502, 0, 0, null),
  row(503, FLAG_NO_CLUSTER, 0, null),
  row(503, FLAG_NO_HEALTHY_UPSTREAM, 0, 'no healthy upstream'),
  resetRow(503, FLAG_UPSTREAM_CONNECTION_FAILURE, ON_CONNECT_FAILURE, 'remote connection failure'),
  resetRow(503, FLAG_UPSTREAM_CONNECTION_FAILURE, ON_CONNECT_FAILURE, 'connection timeout'),
  resetRow(503, FLAG_UPSTREAM_OVERFLOW, 0, 'overflow', OVERLOADED),
  resetRow(503, FLAG_UPSTREAM_CONNECTION_TERMINATION, ON_RESET, 'connection termination'),
  resetRow(503, FLAG_UPSTREAM_CONNECTION_TERMINATION, ON_UNTOUCHED, 'connection termination'),
  resetRow(502, FLAG_UPSTREAM_PROTOCOL_ERROR, ON_RESET, 'protocol error'),
  row(504, FLAG_UPSTREAM_REQUEST_TIMEOUT, ON_RESET, 'upstream request timeout'),
  resetRow(503, FLAG_LOCAL_RESET, ON_RESET, 'local reset'),
  row(504, FLAG_UPSTREAM_REQUEST_TIMEOUT, 0, 'upstream request timeout'),
  row(400, 0, 0, null),
  row(405, 0, 0, 'method not allowed', ALLOW),
  row(408, FLAG_STREAM_IDLE_TIMEOUT, 0, 'stream timeout'),
  row(504, FLAG_STREAM_IDLE_TIMEOUT, 0, 'stream timeout'),
  row(400, 0, 0, null),
]

/** What the loss of the client's side is called. */
export function downstreamResetFlag(reason: ResetReason): number {
  if (reason === RESET_PROTOCOL) return FLAG_DOWNSTREAM_PROTOCOL_ERROR
  return reason === RESET_LIMIT ? FLAG_STREAM_IDLE_TIMEOUT : FLAG_DOWNSTREAM_CONNECTION_TERMINATION
}

function row(
  status: number,
  flags: number,
  retryOn: number,
  text: string | null,
  extra: Field | null = null,
): FailureRow {
  const reply = textReply(status, text, extra)
  return { flags, retryOn, reply, replyAfterRetries: reply }
}

/** `reason` in the words of Envoy's StreamResetReason. */
function resetRow(status: number, flags: number, retryOn: number, reason: string, extra: Field | null = null) {
  const start = 'upstream connect error or disconnect/reset before headers. '
  return {
    flags,
    retryOn,
    reply: textReply(status, `${start}reset reason: ${reason}`, extra),
    replyAfterRetries: textReply(status, `${start}retried and the latest reset reason: ${reason}`, extra),
  }
}

function textReply(status: number, text: string | null, extra: Field | null): LocalReply {
  const fields = text === null ? [] : [PLAIN_TEXT]
  if (extra !== null) fields.push(extra)
  return { status, fields, body: text === null ? null : encoder.encode(text) }
}

function field(name: string, value: string): Field {
  return { name: encoder.encode(name), value: encoder.encode(value) }
}

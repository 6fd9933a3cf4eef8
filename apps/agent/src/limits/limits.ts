/** One bound. Its name ends in its unit: `Bytes`, `Ms`, or `Max` for a count. */
export interface LimitDefinition {
  readonly byDefault: number
  /** The smallest value that can be given. */
  readonly min: number
  /** Counter of a listener that grows when its clients hit the bound. */
  readonly listener?: string
  /** Counter of a cluster that grows when its endpoints, or the wait for them, hit the bound. */
  readonly cluster?: string
  /** Counter of a direction (`http.outbound`), for what the proxy bounds itself. */
  readonly http?: string
  /** What is bounded and what happens beyond, in one sentence. */
  readonly meaning: string
}

const MINUTE_MS = 60_000
const HOUR_MS = 3_600_000

/**
 * Every bound of the data plane that can be set: types, defaults, the flag `--limit`, counters and the tables of
 * docs/limits.md come from here. What goes beyond is refused, never truncated. Defaults are Envoy's or Istio's where
 * those have one; counters have Envoy's names where it has one.
 */
export const LIMITS = {
  connectionsMax: {
    byDefault: 10_000,
    min: 1,
    listener: 'downstream_cx_overflow',
    meaning: 'Open connections of a listener. One more is accepted and closed at once.',
  },
  requestsMax: {
    byDefault: 0,
    min: 0,
    listener: 'downstream_cx_max_requests_reached',
    meaning: 'Requests a client connection serves; the last response says `Connection: close`. 0: no bound.',
  },
  headBytes: {
    byDefault: 60 * 1024,
    min: 64,
    listener: 'downstream_rq_head_too_large',
    cluster: 'upstream_response_head_too_large',
    meaning: 'Start line and fields of a message, up to the empty line. Beyond: 431; of an upstream: 502.',
  },
  fieldsMax: {
    byDefault: 100,
    min: 1,
    listener: 'downstream_rq_too_many_fields',
    cluster: 'upstream_response_too_many_fields',
    meaning: 'Field lines of a message. Beyond: 431; of an upstream: 502.',
  },
  connectionOptionsMax: {
    byDefault: 16,
    min: 1,
    listener: 'downstream_rq_too_many_connection_options',
    cluster: 'upstream_response_too_many_connection_options',
    meaning: 'Options in the `Connection` fields of a message, 64 octets each. Beyond: 431; of an upstream: 502.',
  },
  targetBytes: {
    byDefault: 8 * 1024,
    min: 16,
    listener: 'downstream_rq_target_too_long',
    meaning: 'The request target. Beyond: 414.',
  },
  methodBytes: {
    byDefault: 32,
    min: 7,
    listener: 'downstream_rq_method_too_long',
    meaning: 'The request method. Beyond: 501.',
  },
  trailerBytes: {
    byDefault: 8 * 1024,
    min: 2,
    listener: 'downstream_rq_trailers_too_large',
    cluster: 'upstream_response_trailers_too_large',
    meaning: 'The trailer section of a chunked body. Beyond: 400; of an upstream: the response is cut off.',
  },
  trailerFieldsMax: {
    byDefault: 32,
    min: 0,
    listener: 'downstream_rq_trailers_too_large',
    cluster: 'upstream_response_trailers_too_large',
    meaning: 'Field lines of a trailer section. Beyond: as `trailerBytes`.',
  },
  chunkExtensionBytes: {
    byDefault: 16 * 1024,
    min: 0,
    listener: 'downstream_rq_chunk_extensions_too_large',
    cluster: 'upstream_response_chunk_extensions_too_large',
    // CVE-2023-39326: added up, or each octet of a body may cost any number of them.
    meaning: 'Chunk extensions of one body, added up; they are never passed on. Beyond: as `trailerBytes`.',
  },
  informationalMax: {
    byDefault: 16,
    min: 0,
    cluster: 'upstream_response_too_many_informational',
    meaning: 'Interim (1xx) responses before a final one. Beyond: 502.',
  },
  firstByteMs: {
    // As nginx: long enough for clients that connect ahead of their first request, far below an idle hour.
    byDefault: MINUTE_MS,
    min: 1,
    listener: 'downstream_cx_first_byte_timeout',
    meaning: 'From accept to the first byte of the first request. Beyond: the connection closes without a word.',
  },
  headMs: {
    byDefault: 10_000,
    min: 1,
    listener: 'downstream_rq_header_timeout',
    meaning: 'From the first byte of a head to its last; progress does not extend it. Beyond: 408.',
  },
  bodyIdleMs: {
    byDefault: 5 * MINUTE_MS,
    min: 1,
    listener: 'downstream_rq_body_idle_timeout',
    meaning: 'A span in which `bodyIdleBytes` of a request body must come while they are wanted. Otherwise: 408.',
  },
  bodyIdleBytes: {
    byDefault: 1,
    min: 1,
    listener: 'downstream_rq_body_idle_timeout',
    meaning: 'What must come in each `bodyIdleMs`. More than 1 is a minimum rate, and ends slow streams on purpose.',
  },
  streamIdleMs: {
    byDefault: 5 * MINUTE_MS,
    min: 1,
    listener: 'downstream_rq_idle_timeout',
    meaning:
      'A span without a byte in either direction of a request, wherever it waits. Beyond: 504, or 408 if the request ' +
      'is not complete; a response that began is cut off.',
  },
  keepAliveMs: {
    byDefault: HOUR_MS,
    min: 1,
    listener: 'downstream_cx_idle_timeout',
    meaning: 'From the end of a response to the first byte of the next request. Beyond: the connection closes.',
  },
  writeStallMs: {
    byDefault: 5 * MINUTE_MS,
    min: 1,
    listener: 'downstream_cx_write_stall',
    cluster: 'upstream_cx_write_stall',
    meaning: 'A span in which a peer must take `writeStallBytes` of what waits for it, or all. Otherwise: closed.',
  },
  writeStallBytes: {
    // The kernel tells of progress in lumps, up to a third of its send buffer: a rate near 200 B/s is what 5 min can tell.
    byDefault: 64 * 1024,
    min: 1,
    listener: 'downstream_cx_write_stall',
    cluster: 'upstream_cx_write_stall',
    meaning: 'What the slowest peer takes in each `writeStallMs`.',
  },
  drainBytes: {
    byDefault: 256 * 1024,
    min: 0,
    listener: 'downstream_rq_drain_too_large',
    meaning: 'What is read of a request whose response is complete. Beyond: the connection closes.',
  },
  drainMs: {
    byDefault: 5_000,
    min: 1,
    listener: 'downstream_rq_drain_timeout',
    meaning: 'How long that is read. Beyond: the connection closes.',
  },
  drainIdleMs: {
    byDefault: 500,
    min: 1,
    listener: 'downstream_cx_drain_close',
    meaning: 'How long an idle connection is still served when its listener drains: a request may be on its way.',
  },
  lingerMs: {
    // Envoy's delayed_close_timeout.
    byDefault: 1_000,
    min: 1,
    listener: 'downstream_cx_delayed_close_timeout',
    meaning: 'How long a client has to close after us. Beyond: cut; sooner, a reset could destroy our last bytes.',
  },
  retainedBodyBytes: {
    byDefault: 64 * 1024,
    min: 0,
    http: 'retries_given_up',
    meaning: 'Request body kept for a retry. Beyond: the retry is given up, not the request.',
  },
  tunnelIdleMs: {
    // Istio's tcp idleTimeout; it switches Envoy's stream idle timeout off for upgrades.
    byDefault: HOUR_MS,
    min: 1,
    http: 'downstream_cx_upgrades_idle_timeout',
    meaning: 'A WebSocket without a byte in either direction. Beyond: both its connections close.',
  },
  upstreamConnectionsMax: {
    // Istio's default is 2^32-1, as for pendingMax: these bound memory, and are above what one listener lets in.
    byDefault: 10_000,
    min: 1,
    cluster: 'upstream_cx_overflow',
    meaning: 'Connections to one endpoint. Beyond: requests wait.',
  },
  pendingMax: {
    byDefault: 10_000,
    // Without anybody who waits there would never be a first connection.
    min: 1,
    cluster: 'upstream_rq_pending_overflow',
    meaning: 'Requests that wait for a connection to one endpoint. Beyond: 503.',
  },
  upstreamIdleMs: {
    byDefault: HOUR_MS,
    min: 1,
    cluster: 'upstream_cx_idle_timeout',
    meaning: 'How long an upstream connection is kept without a request, up to a minute more. Beyond: it closes.',
  },
} as const satisfies Readonly<Record<string, LimitDefinition>>

export type LimitName = keyof typeof LIMITS
export type Limits = { readonly [name in LimitName]: number }

export const LIMIT_NAMES = Object.keys(LIMITS) as readonly LimitName[]

export const DEFAULT_LIMITS: Limits = Object.freeze(
  Object.fromEntries(LIMIT_NAMES.map((name) => [name, LIMITS[name].byDefault])),
) as Limits

export function definitionOf(name: LimitName): LimitDefinition {
  return LIMITS[name]
}

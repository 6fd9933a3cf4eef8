/** Every bound of the HTTP/1.1 codec, with its unit. What goes beyond is refused, never truncated. */
export interface Http1Limits {
  /** Start line and fields up to the empty line. Beyond: 431, or a protocol error of the upstream. */
  readonly headBytes: number
  readonly fieldsMax: number
  /** The request target. Beyond: 414. */
  readonly targetBytes: number
  readonly methodBytes: number
  /** All fields of a trailer section. */
  readonly trailerBytes: number
  readonly trailerFieldsMax: number
  /** Chunk extensions of one body, added up (CVE-2023-39326). They are never passed on. */
  readonly chunkExtensionBytes: number
  /** 1xx responses before a final one. */
  readonly informationalMax: number
  /** From accept, or from the end of a response, to the first byte of the next request. */
  readonly keepAliveMs: number
  /** From the first byte of a head to its last. Not extended by progress. */
  readonly headMs: number
  /** Between two reads of a request's body, while we are willing to read. */
  readonly bodyIdleMs: number
  /** The peer takes nothing of what is buffered for it. */
  readonly writeStallMs: number
  /** What is read, and for how long, of a request whose response is complete already; then the connection closes. */
  readonly drainBytes: number
  readonly drainMs: number
  /** How long an idle connection is still served after `drain()`: a request may be on its way. */
  readonly drainIdleMs: number
  /** How long a closed connection waits for the peer's FIN, so that a reset does not destroy our last bytes. */
  readonly lingerMs: number
}

export const DEFAULT_HTTP1_LIMITS: Http1Limits = {
  headBytes: 64 * 1024,
  fieldsMax: 100,
  targetBytes: 8 * 1024,
  methodBytes: 32,
  trailerBytes: 8 * 1024,
  trailerFieldsMax: 32,
  chunkExtensionBytes: 16 * 1024,
  informationalMax: 16,
  // Envoy's defaults: idle_timeout 1 h, stream_idle_timeout 5 min.
  keepAliveMs: 3_600_000,
  headMs: 10_000,
  bodyIdleMs: 300_000,
  writeStallMs: 300_000,
  drainBytes: 256 * 1024,
  drainMs: 5_000,
  drainIdleMs: 500,
  lingerMs: 1_000,
}

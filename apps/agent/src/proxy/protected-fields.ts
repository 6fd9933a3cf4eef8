// HOT: runs per request. Measure before and after.
import { ByteMap, LOWER, type Folding } from '@fairlead/core/routing'
import { ascii } from '../io/byte-classes.js'

/* Request fields that the mesh itself writes or takes away, as bits. */
export const FORWARDED_FOR = 1 << 0
export const FORWARDED_PROTO = 1 << 1
export const FORWARDED_HOST = 1 << 2
export const REQUEST_ID = 1 << 3
export const EXTERNAL_ADDRESS = 1 << 4
export const ATTEMPT_COUNT = 1 << 5
export const EXPECTED_TIMEOUT = 1 << 6
export const ORIGINAL_PATH = 1 << 7
/** Orders to Envoy itself, or its word on the client: of no request are they taken (Envoy's `cleanInternalHeaders`). */
export const INTERNAL = 1 << 8
/** All others of `x-envoy-` and `x-fairlead-`: between members of the mesh, never from outside. */
export const MESH_ONLY = 1 << 9
/** Added to any of the above: spelled with `_`. What reads fields as CGI variables takes it for the real one. */
export const DISGUISED = 1 << 10
export const NOT_PROTECTED = 0

const UNDERSCORE = 0x5f
const HYPHEN = 0x2d
const LOWER_X = 0x78
const TO_LOWER_CASE = 0x20

const FOLDED: Folding = LOWER.map((byte) => (byte === UNDERSCORE ? HYPHEN : byte))
const MESH_PREFIXES = [ascii('x-envoy-'), ascii('x-fairlead-')]
const NAMES = new ByteMap(
  new Map([
    ['x-forwarded-for', FORWARDED_FOR],
    ['x-forwarded-proto', FORWARDED_PROTO],
    ['x-forwarded-host', FORWARDED_HOST],
    ['x-request-id', REQUEST_ID],
    ['x-envoy-external-address', EXTERNAL_ADDRESS],
    ['x-envoy-attempt-count', ATTEMPT_COUNT],
    ['x-envoy-expected-rq-timeout-ms', EXPECTED_TIMEOUT],
    ['x-envoy-original-path', ORIGINAL_PATH],
    ['x-envoy-internal', INTERNAL],
    ['x-envoy-force-trace', INTERNAL],
    ['x-envoy-hedge-on-per-try-timeout', INTERNAL],
    ['x-envoy-ip-tags', INTERNAL],
    ['x-envoy-max-retries', INTERNAL],
    ['x-envoy-original-url', INTERNAL],
    ['x-envoy-retriable-header-names', INTERNAL],
    ['x-envoy-retriable-status-codes', INTERNAL],
    ['x-envoy-retry-grpc-on', INTERNAL],
    ['x-envoy-retry-on', INTERNAL],
    ['x-envoy-upstream-alt-stat-name', INTERNAL],
    ['x-envoy-upstream-rq-per-try-timeout-ms', INTERNAL],
    ['x-envoy-upstream-rq-timeout-alt-response', INTERNAL],
    ['x-envoy-upstream-rq-timeout-ms', INTERNAL],
    // Says who an mTLS peer is; no connection here has one.
    ['x-forwarded-client-cert', INTERNAL],
  ]),
  FOLDED,
)

/** Which of the fields above `bytes[start..end)` names, in any case; nearly all are none, and are found out by one byte. */
export function protectedField(bytes: Uint8Array, start: number, end: number): number {
  if ((bytes[start]! | TO_LOWER_CASE) !== LOWER_X) return NOT_PROTECTED
  let field = NAMES.get(bytes, start, end)
  if (field === null) {
    if (!isMeshOnly(bytes, start, end)) return NOT_PROTECTED
    field = MESH_ONLY
  }
  for (let i = start; i < end; i++) if (bytes[i] === UNDERSCORE) return field | DISGUISED
  return field
}

/** The same for a name in config. */
export function protectedName(name: string): number {
  return protectedField(ascii(name), 0, name.length)
}

function isMeshOnly(bytes: Uint8Array, start: number, end: number): boolean {
  for (let i = 0; i < MESH_PREFIXES.length; i++) {
    const prefix = MESH_PREFIXES[i]!
    let at = 0
    while (at < prefix.length && start + at < end && FOLDED[bytes[start + at]!] === prefix[at]) at++
    if (at === prefix.length) return true
  }
  return false
}

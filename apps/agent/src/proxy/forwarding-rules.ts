import { type ConnectionAttributes } from '../http/connection-attributes.js'
import {
  ATTEMPT_COUNT,
  EXPECTED_TIMEOUT,
  EXTERNAL_ADDRESS,
  FORWARDED_FOR,
  FORWARDED_HOST,
  FORWARDED_PROTO,
  INTERNAL,
  MESH_ONLY,
  ORIGINAL_PATH,
  REQUEST_ID,
} from './protected-fields.js'

/** What an entrance believes of the requests that come in through it. */
export interface ForwardingRules {
  /** A gateway: clients are strangers, and their address is written down (Envoy's `use_remote_address`). */
  readonly isEdge: boolean
  /** Proxies in front of a gateway whose `x-forwarded-*` are believed (Istio's `numTrustedProxies`). */
  readonly trustedHops: number
  /** Received fields that do not go on as they came, as bits of `protected-fields.ts`. */
  readonly drops: number
}

/** Written anew by every hop, or by none. */
const NEVER_PASSED_ON = ATTEMPT_COUNT | EXPECTED_TIMEOUT | ORIGINAL_PATH | INTERNAL
const NEVER_FROM_OUTSIDE = NEVER_PASSED_ON | MESH_ONLY | EXTERNAL_ADDRESS | REQUEST_ID | FORWARDED_FOR
const NEVER_FROM_STRANGERS = FORWARDED_PROTO | FORWARDED_HOST

export function forwardingRules(direction: ConnectionAttributes['direction'], trustedHops: number): ForwardingRules {
  if (direction !== 'gateway') return { isEdge: false, trustedHops: 0, drops: NEVER_PASSED_ON }
  return { isEdge: true, trustedHops, drops: NEVER_FROM_OUTSIDE | (trustedHops === 0 ? NEVER_FROM_STRANGERS : 0) }
}

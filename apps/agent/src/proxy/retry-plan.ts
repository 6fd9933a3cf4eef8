// HOT: runs per request. Measure before and after.
import { type RetryCondition, type RetryPolicy } from '@fairlead/core/snapshot'
import { FIELD_STRIDE, PSEUDO_SLOTS, type RequestView } from '@fairlead/core/routing/request-view'

export const RETRY_5XX = 1 << 0
export const RETRY_GATEWAY_ERROR = 1 << 1
export const RETRY_RESET = 1 << 2
export const RETRY_RESET_BEFORE_REQUEST = 1 << 3
export const RETRY_CONNECT_FAILURE = 1 << 4
export const RETRY_4XX = 1 << 5
export const RETRY_STATUS_CODES = 1 << 6
export const RETRY_RATE_LIMITED = 1 << 7

/** Words without a bit cannot happen on HTTP/1.1 (gRPC states, refused streams, HTTP/3) or need a list Istio never sends. */
const CONDITION_BITS: Readonly<Partial<Record<RetryCondition, number>>> = {
  '5xx': RETRY_5XX,
  'gateway-error': RETRY_GATEWAY_ERROR,
  reset: RETRY_RESET,
  'reset-before-request': RETRY_RESET_BEFORE_REQUEST,
  'connect-failure': RETRY_CONNECT_FAILURE,
  'retriable-4xx': RETRY_4XX,
  'retriable-status-codes': RETRY_STATUS_CODES,
  'envoy-ratelimited': RETRY_RATE_LIMITED,
}

/** These can only hold once the request was sent: then head and body must be kept to send them again. */
const AFTER_SEND = RETRY_5XX | RETRY_GATEWAY_ERROR | RETRY_RESET | RETRY_4XX | RETRY_STATUS_CODES | RETRY_RATE_LIMITED

const RATE_LIMITED_FIELD = 'x-envoy-ratelimited'
/** 2 ** 16 times any base is beyond any cap. */
const DOUBLINGS_MAX = 16

/** A retry policy compiled when config is applied: conditions as bits (Envoy's RetryStateImpl). */
export class RetryPlan {
  readonly attempts: number
  readonly perTryTimeoutMs: number
  readonly avoidPreviousHosts: boolean
  /** A retry can still happen after bytes went out, so they are worth keeping. */
  readonly keepsRequest: boolean
  private readonly on: number
  private readonly statusCodes: readonly number[]
  private readonly backoffBaseMs: number
  private readonly backoffMaxMs: number

  constructor(policy: RetryPolicy) {
    this.attempts = policy.attempts
    this.perTryTimeoutMs = policy.perTryTimeoutMs ?? 0
    this.avoidPreviousHosts = policy.avoidPreviousHosts
    const on = policy.on.reduce((bits, word) => bits | (CONDITION_BITS[word] ?? 0), 0)
    // Istio's default policy names the condition and no code: that must not make every request worth keeping.
    this.on = policy.statusCodes.length === 0 ? on & ~RETRY_STATUS_CODES : on
    this.keepsRequest = (this.on & AFTER_SEND) !== 0
    this.statusCodes = policy.statusCodes
    this.backoffBaseMs = policy.backoffBaseMs
    this.backoffMaxMs = policy.backoffMaxMs
  }

  /** `failureRetryOn`: the bits of the failure's row. */
  wantsFailure(failureRetryOn: number): boolean {
    return (this.on & failureRetryOn) !== 0
  }

  wantsResponse(status: number, head: RequestView): boolean {
    if (!this.keepsRequest) return false
    if (status < 400 && (this.on & RETRY_STATUS_CODES) === 0) return false
    // A rate limiter's answer is tried again only by whoever asks for exactly that.
    if (status === 429 || status === 503) {
      if (hasField(head, RATE_LIMITED_FIELD)) return (this.on & RETRY_RATE_LIMITED) !== 0
    }
    return (this.on & conditionsOf(status)) !== 0 || this.wantsStatusCode(status)
  }

  /** Envoy's fully jittered exponential back-off: uniform in [0, (2^n - 1) * base), capped. `retry` counts from 1. */
  backoffMs(retry: number, random: number): number {
    const span = (2 ** Math.min(retry, DOUBLINGS_MAX) - 1) * this.backoffBaseMs
    return Math.floor(random * Math.min(span, this.backoffMaxMs))
  }

  private wantsStatusCode(status: number): boolean {
    return (this.on & RETRY_STATUS_CODES) !== 0 && this.statusCodes.includes(status)
  }
}

function conditionsOf(status: number): number {
  if (status >= 500) return status >= 502 && status <= 504 ? RETRY_5XX | RETRY_GATEWAY_ERROR : RETRY_5XX
  return status === 409 ? RETRY_4XX : 0
}

function hasField(head: RequestView, name: string): boolean {
  const { bytes, ranges, fieldCount } = head
  for (let i = 0; i < fieldCount; i++) {
    const at = PSEUDO_SLOTS + i * FIELD_STRIDE
    if (ranges[at + 1]! - ranges[at]! !== name.length) continue
    if (isNameAt(bytes, ranges[at]!, name)) return true
  }
  return false
}

function isNameAt(bytes: Uint8Array, start: number, name: string): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[start + i]!
    if ((byte >= 65 && byte <= 90 ? byte + 32 : byte) !== name.charCodeAt(i)) return false
  }
  return true
}

import { durationMs, type HTTPRetry } from '../resources/index.js'
import type { RetryCondition, RetryPolicy } from '../snapshot/index.js'

const BACKOFF_BASE_MS = 25
/** Envoy's default cap, as a multiple of the base (S32). */
const BACKOFF_MAX_FACTOR = 10

const DEFAULT_ON: readonly RetryCondition[] = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled']

/** What every HTTP route gets that does not say otherwise, also without a VirtualService (S28). */
export const DEFAULT_RETRY: RetryPolicy = {
  attempts: 2,
  on: DEFAULT_ON,
  statusCodes: [],
  backoffBaseMs: BACKOFF_BASE_MS,
  backoffMaxMs: BACKOFF_BASE_MS * BACKOFF_MAX_FACTOR,
  avoidPreviousHosts: true,
}

/** Towards the own application only what was never sent is tried again (S35). */
export const INBOUND_RETRY: RetryPolicy = { ...DEFAULT_RETRY, on: ['reset-before-request'], avoidPreviousHosts: false }

/** Undefined: no retries. `retries: {}` and `attempts: 0` switch them off (S29). */
export function retryPolicy(retries: HTTPRetry | undefined, timeoutMs: number | undefined): RetryPolicy | undefined {
  if (retries === undefined) return DEFAULT_RETRY
  const attempts = retries.attempts ?? 0
  if (attempts <= 0) return undefined
  const backoffBaseMs = retries.backoff === undefined ? BACKOFF_BASE_MS : durationMs(retries.backoff)
  const perTryTimeoutMs = retries.perTryTimeout === undefined ? undefined : durationMs(retries.perTryTimeout)
  // S33: it could never expire before the route's own.
  const perTry = timeoutMs !== undefined && (perTryTimeoutMs ?? 0) > timeoutMs ? undefined : perTryTimeoutMs
  return {
    attempts,
    ...retryOn(retries.retryOn ?? ''),
    ...(perTry !== undefined && { perTryTimeoutMs: perTry }),
    backoffBaseMs,
    backoffMaxMs: backoffBaseMs * BACKOFF_MAX_FACTOR,
    avoidPreviousHosts: retries.retryIgnorePreviousHosts ?? true,
  }
}

/** Words and status codes in one list, separated by commas (S30). Validation knows the words. */
function retryOn(text: string): Pick<RetryPolicy, 'on' | 'statusCodes'> {
  const items = text.split(',').flatMap((item) => item.trim() || [])
  if (items.length === 0) return { on: DEFAULT_ON, statusCodes: [] }
  const codes = new Set(items.filter((item) => /^\d+$/.test(item)).map(Number))
  const words = new Set(items.filter((item) => !/^\d+$/.test(item))) as Set<RetryCondition>
  if (codes.size > 0) words.add('retriable-status-codes')
  return { on: [...words], statusCodes: [...codes] }
}

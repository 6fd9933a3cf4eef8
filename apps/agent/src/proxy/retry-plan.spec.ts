import { describe, expect, it } from '@jest/globals'
import { type RetryCondition, type RetryPolicy } from '@fairlead/core/snapshot'
import { requestView } from '@fairlead/core/routing'
import {
  CONNECT_FAILED,
  CONNECT_TIMED_OUT,
  FAILURES,
  NO_HOST,
  POOL_OVERFLOW,
  REQUEST_TIMED_OUT,
  TRY_TIMED_OUT,
  UPSTREAM_BROKE_PROTOCOL,
  UPSTREAM_CLOSED,
  UPSTREAM_CLOSED_UNTOUCHED,
} from './failures.js'
import { RetryPlan } from './retry-plan.js'

function planOf(on: readonly RetryCondition[], more: Partial<RetryPolicy> = {}): RetryPlan {
  const policy = { attempts: 2, statusCodes: [], backoffBaseMs: 25, backoffMaxMs: 250, avoidPreviousHosts: true }
  return new RetryPlan({ ...policy, on, ...more })
}

const PLAIN_HEAD = requestView({ method: '', path: '' })
const RATE_LIMITED_HEAD = requestView({ method: '', path: '', headers: [['X-Envoy-RateLimited', 'true']] })

describe('RetryPlan', () => {
  it.each<[RetryCondition, readonly number[]]>([
    ['connect-failure', [CONNECT_FAILED, CONNECT_TIMED_OUT]],
    ['reset-before-request', [CONNECT_FAILED, CONNECT_TIMED_OUT, UPSTREAM_CLOSED_UNTOUCHED]],
    ['refused-stream', []],
    ['unavailable', []],
    ['retriable-4xx', []],
    ...(['reset', '5xx', 'gateway-error'] as const).map((condition): [RetryCondition, readonly number[]] => [
      condition,
      [
        CONNECT_FAILED,
        CONNECT_TIMED_OUT,
        UPSTREAM_CLOSED,
        UPSTREAM_CLOSED_UNTOUCHED,
        UPSTREAM_BROKE_PROTOCOL,
        TRY_TIMED_OUT,
      ],
    ]),
  ])('on %s tries again after the failures %j only', (condition, expected) => {
    const plan = planOf([condition])
    const all = [...expected, NO_HOST, POOL_OVERFLOW, REQUEST_TIMED_OUT, UPSTREAM_CLOSED, CONNECT_FAILED, TRY_TIMED_OUT]
    for (const failure of all) {
      expect([failure, plan.wantsFailure(FAILURES[failure]!.retryOn)]).toEqual([failure, expected.includes(failure)])
    }
  })

  it.each<[RetryCondition, readonly number[]]>([
    ['5xx', [500, 502, 503, 504, 599]],
    ['gateway-error', [502, 503, 504]],
    ['retriable-4xx', [409]],
    ['retriable-status-codes', [404, 418]],
    ['connect-failure', []],
  ])('on %s tries again after the statuses %j only', (condition, expected) => {
    const plan = planOf([condition], { statusCodes: [404, 418] })
    for (const status of [200, 301, 400, 404, 409, 418, 429, 500, 501, 502, 503, 504, 599]) {
      const wants = expected.includes(status) || (condition === '5xx' && status === 501)
      expect([status, plan.wantsResponse(status, PLAIN_HEAD)]).toEqual([status, wants])
    }
  })

  it('leaves the answer of a rate limiter alone unless it is asked for', () => {
    expect(planOf(['5xx']).wantsResponse(503, RATE_LIMITED_HEAD)).toBe(false)
    expect(planOf(['envoy-ratelimited']).wantsResponse(429, RATE_LIMITED_HEAD)).toBe(true)
    expect(planOf(['envoy-ratelimited']).wantsResponse(429, PLAIN_HEAD)).toBe(false)
  })

  it.each([
    [1, 24],
    [2, 74],
    [3, 174],
    [4, 249],
    [40, 249],
  ])('before retry %i waits at most %i ms', (retry, maxMs) => {
    const plan = planOf(['5xx'])
    expect(plan.backoffMs(retry, 0)).toBe(0)
    expect(plan.backoffMs(retry, 0.999999)).toBe(maxMs)
  })

  it.each<[readonly RetryCondition[], boolean]>([
    [['connect-failure', 'refused-stream', 'unavailable', 'cancelled'], false],
    [['reset-before-request'], false],
    [['connect-failure', '5xx'], true],
    [['retriable-status-codes'], false],
    [['retriable-4xx'], true],
  ])('with %j keeps the request: %s', (on, keeps) => {
    expect(planOf(on).keepsRequest).toBe(keeps)
  })
})

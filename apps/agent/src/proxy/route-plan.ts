import { type ForwardAction, type HeaderOperations, type Route } from '@fairlead/core/snapshot'
import { cumulativeWeights } from '@fairlead/core/routing'
import { type FieldEdits, type LocalReply } from '../http/head.js'
import { type Failure } from './failures.js'
import { compileFieldEdits } from './field-edits.js'
import { compileTryLines } from './forwarded-fields.js'
import { protectedName } from './protected-fields.js'
import { RedirectPlan } from './redirect.js'
import { RetryPlan } from './retry-plan.js'
import { SERVICE_TIME } from './service-time-field.js'
import { compileTargetRewrite, type TargetRewrite } from './target-rewrite.js'

/** What to do with a request, compiled from its route when config is applied. */
export type RoutePlan = ForwardPlan | AnswerPlan | FailPlan

export interface ForwardPlan {
  readonly kind: 'forward'
  readonly destinations: readonly Destination[]
  /** Running sums of the destinations' weights. */
  readonly weightSums: Float64Array
  readonly target: TargetRewrite | null
  /** 0: none. */
  readonly timeoutMs: number
  /** How long the first try's answer is waited for; 0: without end. */
  readonly expectedTimeoutMs: number
  readonly retry: RetryPlan | null
}

export interface Destination {
  readonly cluster: string
  /** The route's rewrite, which wins, or this destination's own (S17); null: as received. */
  readonly authority: Uint8Array | null
  readonly requestEdits: FieldEdits | null
  /** Fields of the proxy's own that `requestEdits` drops, as bits of `protected-fields.ts`. */
  readonly omitted: number
  /** The proxy's own fields of a first try, ready to be sent: they are the same for every request. */
  readonly firstTryLines: Uint8Array
  readonly responseEdits: FieldEdits
  /** `x-envoy-upstream-service-time` is told, as nothing drops it. */
  readonly tellsServiceTime: boolean
}

/** Answered here: exactly one of `reply` and `redirect` is not null. */
export interface AnswerPlan {
  readonly kind: 'answer'
  readonly reply: LocalReply | null
  readonly redirect: RedirectPlan | null
  readonly edits: FieldEdits | null
}

/** There is no route to follow. */
export interface FailPlan {
  readonly kind: 'fail'
  readonly failure: Failure
}

const encoder = new TextEncoder()

/** Throws if the route cannot be enforced (a bad regex or substitution); the message says where in the route. */
export function compileRoutePlan(route: Route): RoutePlan {
  const { action } = route
  switch (action.kind) {
    case 'forward':
      return compileForward(action, route)
    case 'redirect':
      return {
        kind: 'answer',
        reply: null,
        redirect: new RedirectPlan(action, route.match.path),
        edits: compileFieldEdits(route.responseHeaders),
      }
    case 'direct-response': {
      const body = action.body === undefined ? null : Buffer.from(action.body, 'base64')
      return {
        kind: 'answer',
        reply: { status: action.status, fields: body === null ? [] : [PLAIN_TEXT], body },
        redirect: null,
        edits: compileFieldEdits(route.responseHeaders),
      }
    }
    default:
      throw new Error(`action kind ${(action as { kind: string }).kind} is not known`)
  }
}

/** What Envoy gives a direct response; a route's own `content-type` operation replaces it. */
const PLAIN_TEXT = { name: encoder.encode('content-type'), value: encoder.encode('text/plain') }

function compileForward(action: ForwardAction, route: Route): ForwardPlan {
  const firstTimeoutMs = expectedTimeoutMs(action.timeoutMs ?? 0, action.retry?.perTryTimeoutMs ?? 0)
  return {
    kind: 'forward',
    destinations: action.clusters.map((entry) => compileDestination(entry, action, firstTimeoutMs)),
    weightSums: cumulativeWeights(action.clusters),
    target: compileTargetRewrite(action.rewrite, route.match.path),
    timeoutMs: action.timeoutMs ?? 0,
    expectedTimeoutMs: firstTimeoutMs,
    retry: action.retry === undefined ? null : new RetryPlan(action.retry),
  }
}

function compileDestination(
  entry: ForwardAction['clusters'][number],
  action: ForwardAction,
  firstTimeoutMs: number,
): Destination {
  const authority = action.rewrite?.authority ?? entry.authority
  const omitted = (entry.requestHeaders?.drop ?? []).reduce((bits, name) => bits | protectedName(name), 0)
  return {
    cluster: entry.cluster,
    authority: authority === undefined ? null : encoder.encode(authority),
    requestEdits: compileFieldEdits(entry.requestHeaders),
    omitted,
    firstTryLines: compileTryLines(1, firstTimeoutMs, omitted),
    responseEdits: compileResponseEdits(entry.responseHeaders),
    tellsServiceTime: !drops(entry.responseHeaders, SERVICE_TIME),
  }
}

/** Of each upstream's answer the time is ours to tell, not that of a proxy behind it. */
function compileResponseEdits(operations: HeaderOperations | undefined): FieldEdits {
  const { drop, append } = operations ?? { drop: [], append: [] }
  return compileFieldEdits({ drop: [SERVICE_TIME, ...drop], append })!
}

function drops(operations: HeaderOperations | undefined, name: string): boolean {
  return operations !== undefined && operations.drop.some((dropped) => dropped.toLowerCase() === name)
}

/** As Envoy's FilterUtility: a per-try timeout that could never strike before the route's own does not count. */
function expectedTimeoutMs(timeoutMs: number, perTryTimeoutMs: number): number {
  return perTryTimeoutMs > 0 && (timeoutMs === 0 || perTryTimeoutMs < timeoutMs) ? perTryTimeoutMs : timeoutMs
}

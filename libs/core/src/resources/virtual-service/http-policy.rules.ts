import type * as z from 'zod'
import { durationNanos } from '../common/duration.js'
import { isHeaderName } from '../common/header-rules.js'
import type { Report } from '../common/report.js'
import { checkDestination } from './destination.rules.js'
import type { corsPolicy, httpFaultInjection, percent } from './http-policy.schema.js'
import type { HTTPRoute } from './http-route.schema.js'

const GRPC_STATUSES = [
  ...['OK', 'CANCELLED', 'UNKNOWN', 'INVALID_ARGUMENT', 'DEADLINE_EXCEEDED', 'NOT_FOUND', 'ALREADY_EXISTS'],
  ...['PERMISSION_DENIED', 'UNAUTHENTICATED', 'RESOURCE_EXHAUSTED', 'FAILED_PRECONDITION', 'ABORTED'],
  ...['OUT_OF_RANGE', 'UNIMPLEMENTED', 'INTERNAL', 'UNAVAILABLE', 'DATA_LOSS'],
]

export function checkMirrors(route: HTTPRoute, report: Report): void {
  if (route.mirror && (route.mirrors ?? []).length > 0) {
    report.at('mirrors').error('oneof', 'mirror and mirrors exclude each other: keep one of them')
  }
  if (route.mirror) checkDestination(route.mirror, report.at('mirror'))
  checkPercent(route.mirrorPercentage, report.at('mirrorPercentage'))
  if ((route.mirrorPercent ?? 0) > 100) {
    report.at('mirrorPercent').error('range', `found ${route.mirrorPercent}, expected 0 to 100`)
  }
  route.mirrors?.forEach(({ destination, percentage }, index) => {
    checkDestination(destination, report.at('mirrors', index, 'destination'))
    checkPercent(percentage, report.at('mirrors', index, 'percentage'))
  })
}

export function checkFaultInjection(fault: z.output<typeof httpFaultInjection>, report: Report): void {
  const { delay, abort } = fault
  if (!delay && !abort) report.error('required', 'the fault does nothing: expected delay or abort')
  if (delay) {
    if (!delay.fixedDelay) report.at('delay').error('required', 'expected fixedDelay')
    checkPercent(delay.percentage, report.at('delay', 'percentage'))
    const { percent = 0 } = delay
    if (percent < 0 || percent > 100)
      report.at('delay', 'percent').error('range', `found ${percent}, expected 0 to 100`)
  }
  if (abort) {
    const { httpStatus, grpcStatus } = abort
    if (httpStatus === undefined && !grpcStatus)
      report.at('abort').error('required', 'expected httpStatus or grpcStatus')
    if (httpStatus !== undefined && (httpStatus < 200 || httpStatus > 599)) {
      report.at('abort', 'httpStatus').error('range', `found ${httpStatus}, expected 200 to 599`)
    }
    if (grpcStatus && !GRPC_STATUSES.includes(grpcStatus)) {
      report.at('abort', 'grpcStatus').error('enum', `found ${grpcStatus}, expected one of ${GRPC_STATUSES.join(', ')}`)
    }
    checkPercent(abort.percentage, report.at('abort', 'percentage'))
  }
}

export function checkCorsPolicy(policy: z.output<typeof corsPolicy>, report: Report): void {
  policy.allowMethods?.forEach((method, index) => {
    if (method !== '*' && !/^[A-Z]+$/.test(method)) {
      report.at('allowMethods', index).error('enum', `${JSON.stringify(method)} is no method: expected one like GET`)
    }
  })
  for (const field of ['allowHeaders', 'exposeHeaders'] as const) {
    policy[field]?.forEach((name, index) => {
      if (!isHeaderName(name)) report.at(field, index).error('header', `${JSON.stringify(name)} is no header name`)
    })
  }
  if (policy.maxAge !== undefined && (durationNanos(policy.maxAge) ?? 0n) % 1_000_000_000n !== 0n) {
    report.at('maxAge').error('invalid', `found ${policy.maxAge}, expected whole seconds`)
  }
}

function checkPercent(value: z.output<typeof percent> | undefined, report: Report): void {
  const { value: share = 0 } = value ?? {}
  if (share < 0 || share > 100 || (share > 0 && share < 0.0001)) {
    report.at('value').error('range', `found ${share}, expected 0, or 0.0001 to 100`)
  }
}

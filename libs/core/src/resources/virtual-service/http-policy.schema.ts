import { duration } from '../common/duration.js'
import { message, pending, refused, required } from '../common/field.js'
import { choice, double, flag, int32, list, text } from '../common/scalar.js'
import { stringMatch } from '../common/string-match.js'
import { destination } from './destination.schema.js'

export const percent = message('Percent', {
  value: pending(double(), '0 to 100, in steps of a ten-thousandth.', { default: 0 }),
})

export const httpMirrorPolicy = message('HTTPMirrorPolicy', {
  destination: required(pending(destination, 'Where the copy goes.')),
  percentage: pending(percent, 'Absent: all requests.'),
})

const delay = message(
  'HTTPFaultInjection.Delay',
  {
    percent: pending(int32(), 'Share of requests that is delayed.', { deprecated: 'use percentage' }),
    fixedDelay: pending(duration(), 'At least 1ms.'),
    exponentialDelay: refused(duration(), 'Mean of an exponential distribution.', 'Istio does not support it'),
    percentage: pending(percent, 'Share of requests that is delayed; absent: none.'),
  },
  { oneofs: [['fixedDelay', 'exponentialDelay']] },
)

const abort = message(
  'HTTPFaultInjection.Abort',
  {
    httpStatus: pending(int32(), '200 to 599.'),
    grpcStatus: pending(text(), 'Name of a gRPC status, such as UNAVAILABLE.'),
    http2Error: refused(text(), 'An HTTP/2 error code.', 'Istio does not support it'),
    percentage: pending(percent, 'Share of requests that is aborted; absent: none.'),
  },
  { oneofs: [['httpStatus', 'grpcStatus', 'http2Error']] },
)

export const httpFaultInjection = message('HTTPFaultInjection', {
  delay: pending(delay, 'Waits before the request is sent.'),
  abort: pending(abort, 'Answers with an error instead.'),
})

export const corsPolicy = message('CorsPolicy', {
  allowOrigin: pending(list(text()), 'Allowed origins, exact.', { deprecated: 'use allowOrigins' }),
  allowOrigins: pending(list(stringMatch), 'Allowed origins; one that matches is echoed.'),
  allowMethods: pending(list(text()), 'Methods for Access-Control-Allow-Methods.'),
  allowHeaders: pending(list(text()), 'Headers for Access-Control-Allow-Headers.'),
  exposeHeaders: pending(list(text()), 'Headers for Access-Control-Expose-Headers.'),
  maxAge: pending(duration(0), 'How long a preflight may be cached; whole seconds.'),
  allowCredentials: pending(flag(), 'Whether credentials may be sent.'),
  unmatchedPreflights: pending(
    choice(['UNSPECIFIED', 'FORWARD', 'IGNORE']),
    'Whether a preflight that matches no origin is forwarded or answered here.',
  ),
})

import type * as z from 'zod'
import { duration } from '../common/duration.js'
import { enforced, message, pending, required } from '../common/field.js'
import { headers } from '../common/headers.js'
import { bytes, choice, flag, int32, list, port, text, uint32 } from '../common/scalar.js'
import { regex } from '../common/string-match.js'
import { destination } from './destination.schema.js'
import { corsPolicy, httpFaultInjection, httpMirrorPolicy, percent } from './http-policy.schema.js'
import { httpMatchRequest } from './http-match.schema.js'

export const httpRouteDestination = message('HTTPRouteDestination', {
  destination: required(enforced(destination, 'Where to send the request.')),
  weight: enforced(
    int32(),
    'Share of the traffic, relative to the sum of all weights. With one destination it is ignored; 0 among several: none.',
    { default: 0 },
  ),
  headers: enforced(headers, 'Header operations for this destination only.'),
})
export type HTTPRouteDestination = z.output<typeof httpRouteDestination>

export const httpRedirect = message(
  'HTTPRedirect',
  {
    uri: enforced(text(), 'Replaces the whole path, also under a prefix match.'),
    authority: enforced(text(), 'Replaces the authority.'),
    port: enforced(port(), 'Port of the Location; the default port of the scheme is left out.'),
    derivePort: enforced(
      choice(['FROM_PROTOCOL_DEFAULT', 'FROM_REQUEST_PORT']),
      "Takes the port from the scheme's default, or from the listener.",
      { default: 'FROM_PROTOCOL_DEFAULT' },
    ),
    scheme: enforced(text(), 'http or https; absent: as the request.'),
    redirectCode: enforced(uint32(), '301, 302, 303, 307 or 308.', { default: 301 }),
    prefixRewrite: enforced(text(), 'Replaces the matched prefix, as raw text. Needs prefix matches.'),
  },
  { oneofs: [['port', 'derivePort']] },
)
export type HTTPRedirect = z.output<typeof httpRedirect>

export const httpBody = message(
  'HTTPBody',
  {
    string: enforced(text(), 'The body as text, sent in UTF-8. At most 1 MB.'),
    bytes: enforced(bytes(), 'The body in base64. At most 1 MB.'),
  },
  { oneofs: [['string', 'bytes']] },
)

export const httpDirectResponse = message('HTTPDirectResponse', {
  status: required(enforced(uint32(), 'Status of the response, 200 to 599.')),
  body: enforced(httpBody, 'Absent: an empty body.'),
})
export type HTTPDirectResponse = z.output<typeof httpDirectResponse>

export const regexRewrite = message('RegexRewrite', {
  match: required(enforced(regex(), 'RE2; every match in the path is substituted, the query is kept.')),
  rewrite: required(enforced(text(), 'The substitution; `\\1` is a group.')),
})

export const httpRewrite = message('HTTPRewrite', {
  uri: enforced(text(), 'Replaces the matched prefix, or the whole path on an exact or regex match.'),
  authority: enforced(text(), 'Replaces the authority.'),
  uriRegexRewrite: enforced(regexRewrite, 'Rewrites the path by a regex. Not together with `uri`.'),
})
export type HTTPRewrite = z.output<typeof httpRewrite>

export const httpRetry = message('HTTPRetry', {
  attempts: enforced(int32(), 'Further tries after the first one; 0 switches retries off.', { default: 0 }),
  perTryTimeout: enforced(duration(), "At least 1ms. Absent: the route's timeout."),
  retryOn: enforced(
    text(),
    "Envoy's conditions and HTTP status codes, separated by commas. The gRPC conditions match nothing on HTTP/1.1.",
    { default: 'connect-failure,refused-stream,unavailable,cancelled' },
  ),
  retryRemoteLocalities: pending(flag(), 'Whether tries may go to other localities.', { default: false }),
  retryIgnorePreviousHosts: enforced(flag(), 'Whether a try avoids the hosts that failed before.', { default: true }),
  backoff: enforced(duration(), 'Base of the jittered exponential back-off, capped at ten times the base.', {
    default: '0.025s',
  }),
})
export type HTTPRetry = z.output<typeof httpRetry>

export const delegate = message('Delegate', {
  name: required(pending(text(), 'Name of the delegate VirtualService, one without hosts.')),
  namespace: pending(text(), 'Its namespace; absent: that of the root.'),
})

export const httpRoute = message('HTTPRoute', {
  name: enforced(text(), 'Name of the route in logs.'),
  match: enforced(list(httpMatchRequest), 'Any of the entries must match. Absent or empty: every request.'),
  route: enforced(list(httpRouteDestination), 'Where to send the request, by weight.'),
  redirect: enforced(httpRedirect, 'Answers with a redirect.'),
  directResponse: enforced(httpDirectResponse, 'Answers with a fixed response.'),
  delegate: pending(delegate, 'Leaves the route to another VirtualService.'),
  rewrite: enforced(httpRewrite, 'Changes path and authority before the request is sent on.'),
  timeout: enforced(duration(), 'All tries and back-off together; at least 1ms. Absent: none. Expiry: 504 UT.'),
  retries: enforced(httpRetry, "Absent: the mesh's default, two retries. `{}` switches retries off."),
  fault: pending(httpFaultInjection, 'Injected delays and aborts.'),
  mirror: pending(destination, 'Sends a copy of each request here.'),
  mirrors: pending(list(httpMirrorPolicy), 'Sends copies of requests to several destinations.'),
  mirrorPercent: pending(uint32(), 'Share of requests that is mirrored.', { deprecated: 'use mirrorPercentage' }),
  mirrorPercentage: pending(percent, 'Share of requests that is mirrored; absent: all.'),
  corsPolicy: pending(corsPolicy, 'Cross-origin resource sharing.'),
  headers: enforced(headers, 'Header operations for all destinations of the route.'),
})
export type HTTPRoute = z.output<typeof httpRoute>

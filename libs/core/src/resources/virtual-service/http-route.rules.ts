import { RE2JS } from 're2js'
import { authorityNames, checkHeaders, isHeaderValue } from '../common/header-rules.js'
import type { Report } from '../common/report.js'
import { checkDestination, checkWeights } from './destination.rules.js'
import { checkHttpMatch, isCatchAll } from './http-match.rules.js'
import { checkFaultInjection, checkCorsPolicy, checkMirrors } from './http-policy.rules.js'
import type { HTTPDirectResponse, HTTPRedirect, HTTPRetry, HTTPRewrite, HTTPRoute } from './http-route.schema.js'

const BODY_BYTES_MAX = 1024 * 1024
const BODY_BYTES_LARGE = 100 * 1024
const REDIRECT_CODES = [301, 302, 303, 307, 308]
const ACTIONS = ['route', 'redirect', 'directResponse', 'delegate'] as const
/** What only makes sense where a request is sent on. */
const FORWARDING = ['rewrite', 'fault'] as const
const RETRY_CONDITIONS = new Set([
  '5xx',
  'gateway-error',
  'reset',
  'reset-before-request',
  'connect-failure',
  'refused-stream',
  'retriable-4xx',
  'retriable-status-codes',
  'retriable-headers',
  'envoy-ratelimited',
  'http3-post-connect-failure',
  'cancelled',
  'deadline-exceeded',
  'internal',
  'resource-exhausted',
  'unavailable',
])

export function checkHttpRoutes(routes: readonly HTTPRoute[], ofDelegate: boolean, report: Report): void {
  let catchAll = -1
  routes.forEach((route, index) => {
    const at = report.at(index)
    if (catchAll >= 0) at.warning('unreachable', `no request gets here: http[${catchAll}] matches every request`)
    else if ((route.match ?? []).length === 0 || route.match?.some(isCatchAll)) catchAll = index
    checkHttpRoute(route, ofDelegate, at)
  })
}

function checkHttpRoute(route: HTTPRoute, ofDelegate: boolean, report: Report): void {
  checkAction(route, ofDelegate, report)
  route.match?.forEach((match, index) => checkHttpMatch(match, report.at('match', index)))
  route.route?.forEach(({ destination, headers }, index) => {
    checkDestination(destination, report.at('route', index, 'destination'))
    checkHeaders(headers, report.at('route', index, 'headers'))
  })
  checkWeights(route.route ?? [], report.at('route'))
  if (route.redirect) checkRedirect(route.redirect, route.match, report.at('redirect'))
  if (route.directResponse) checkDirectResponse(route.directResponse, report.at('directResponse'))
  if (route.rewrite) checkRewrite(route.rewrite, report.at('rewrite'))
  if (route.retries) checkRetries(route.retries, report.at('retries'))
  checkHeaders(route.headers, report.at('headers'))
  const authorities = [...(route.rewrite?.authority ? ['rewrite.authority'] : []), ...authorityNames(route.headers)]
  if (authorities.length > 1) {
    report.error('authority', `the authority is set more than once (${authorities.join(', ')}): keep one of them`)
  }
  checkMirrors(route, report)
  if (route.fault) checkFaultInjection(route.fault, report.at('fault'))
  if (route.corsPolicy) checkCorsPolicy(route.corsPolicy, report.at('corsPolicy'))
}

function checkAction(route: HTTPRoute, ofDelegate: boolean, report: Report): void {
  const given = ACTIONS.filter((action) => (action === 'route' ? (route.route ?? []).length > 0 : route[action]))
  if (given.length === 0) {
    report.error('required', 'the route does nothing: expected one of route, redirect, directResponse, delegate')
  } else if (given.length > 1) {
    report.error('oneof', `${given.join(' and ')} exclude each other: keep one of them`)
  }
  if (route.delegate && ofDelegate) report.at('delegate').error('delegate', 'a delegate cannot delegate further')
  if (route.delegate && !route.delegate.name) report.at('delegate', 'name').error('required', 'the name is empty')
  for (const field of FORWARDING) {
    if (!route[field]) continue
    if (route.redirect) report.at(field).error('oneof', `${field} and redirect exclude each other: keep one of them`)
    if (route.directResponse) {
      report.at(field).error('oneof', `${field} and directResponse exclude each other: keep one of them`)
    }
  }
}

function checkRedirect(redirect: HTTPRedirect, match: HTTPRoute['match'], report: Report): void {
  const { uri, authority, scheme, prefixRewrite, redirectCode } = redirect
  if (!uri && !authority && !scheme && !prefixRewrite && redirect.port === undefined && !redirect.derivePort) {
    report.error('required', 'the redirect changes nothing: expected uri, prefixRewrite, authority, scheme or port')
  }
  if (uri && prefixRewrite) report.error('oneof', 'uri and prefixRewrite exclude each other: keep one of them')
  if (prefixRewrite && !(match ?? []).every((entry) => entry.uri?.prefix !== undefined)) {
    report.at('prefixRewrite').error('match', 'prefixRewrite needs a uri prefix in every match of the route')
  } else if (prefixRewrite && (match ?? []).length === 0) {
    report.at('prefixRewrite').error('match', 'prefixRewrite needs a match with a uri prefix')
  }
  if (scheme && scheme !== 'http' && scheme !== 'https') {
    report.at('scheme').error('enum', `found ${JSON.stringify(scheme)}, expected http or https`)
  }
  if (redirectCode !== undefined && redirectCode !== 0 && !REDIRECT_CODES.includes(redirectCode)) {
    report.at('redirectCode').error('range', `found ${redirectCode}, expected one of ${REDIRECT_CODES.join(', ')}`)
  }
  checkHeaderText(redirect, ['uri', 'authority', 'prefixRewrite'], report)
}

function checkDirectResponse({ status, body }: HTTPDirectResponse, report: Report): void {
  if (status < 200 || status > 599) report.at('status').error('range', `found ${status}, expected 200 to 599`)
  if (body === undefined) return
  const bytes = body.bytes === undefined ? utf8Bytes(body.string ?? '') : base64Bytes(body.bytes)
  if (bytes > BODY_BYTES_MAX) {
    report.at('body').error('too-large', `the body has ${bytes} bytes, expected at most ${BODY_BYTES_MAX}`)
  } else if (bytes > BODY_BYTES_LARGE) {
    report.at('body').warning('large', `the body has ${bytes} bytes; it is held in memory by every agent`)
  }
}

function checkRewrite(rewrite: HTTPRewrite, report: Report): void {
  const { uri, authority, uriRegexRewrite } = rewrite
  if (!uri && !authority && !uriRegexRewrite) {
    report.error('required', 'the rewrite changes nothing: expected uri, uriRegexRewrite or authority')
  }
  if (uri && uriRegexRewrite) report.error('oneof', 'uri and uriRegexRewrite exclude each other: keep one of them')
  checkHeaderText(rewrite, ['uri', 'authority'], report)
  if (!uriRegexRewrite) return
  const at = report.at('uriRegexRewrite')
  if (uriRegexRewrite.match === '') at.at('match').error('required', 'the regex is empty')
  if (uriRegexRewrite.rewrite === '') at.at('rewrite').error('required', 'the substitution is empty')
  if (!isHeaderValue(uriRegexRewrite.rewrite)) at.at('rewrite').error('header', 'the text has a control character')
  const groups = RE2JS.compile(uriRegexRewrite.match).groupCount()
  for (const [reference, group] of uriRegexRewrite.rewrite.matchAll(/\\(\\|\d|.|$)/gs)) {
    if (group === '\\') continue
    if (group === undefined || !/^\d$/.test(group)) {
      at.at('rewrite').error('invalid', `${JSON.stringify(reference)} is no group: write \\1, or \\\\ for a backslash`)
    } else if (Number(group) > groups) {
      at.at('rewrite').error('invalid', `${reference} names a group that the regex does not have (it has ${groups})`)
    }
  }
}

function checkRetries(retries: HTTPRetry, report: Report): void {
  const { attempts = 0, retryOn } = retries
  if (attempts < 0) report.at('attempts').error('range', `found ${attempts}, expected 0 or more`)
  if (attempts === 0) {
    for (const field of ['perTryTimeout', 'retryOn', 'backoff', 'retryRemoteLocalities'] as const) {
      if (retries[field])
        report.at(field).error('retries', 'attempts is 0, so retries are off: remove it or set attempts')
    }
  }
  for (const word of (retryOn ?? '').split(',').map((part) => part.trim())) {
    const isStatus = /^[1-5]\d\d$/.test(word)
    if (word === '' || isStatus || RETRY_CONDITIONS.has(word)) continue
    report
      .at('retryOn')
      .error(
        'enum',
        `${JSON.stringify(word)} is no condition: expected ${[...RETRY_CONDITIONS].join(', ')}, or a status code`,
      )
  }
}

function checkHeaderText<Field extends string>(
  message: { readonly [name in Field]?: string },
  fields: readonly Field[],
  report: Report,
): void {
  for (const field of fields) {
    if (!isHeaderValue(message[field] ?? '')) {
      report.at(field).error('header', 'the text has a control character (CR, LF, NUL, ...): remove it')
    }
  }
}

function utf8Bytes(text: string): number {
  return new TextEncoder().encode(text).length
}

function base64Bytes(text: string): number {
  return (text.length / 4) * 3 - (/=*$/.exec(text)?.[0].length ?? 0)
}

import { isHeaderName } from '../common/header-rules.js'
import { isDnsLabel } from '../common/names.js'
import type { Report } from '../common/report.js'
import { checkSelector } from '../common/selector-rules.js'
import type { StringMatch } from '../common/string-match.js'
import type { HTTPMatchRequest } from './http-match.schema.js'
import { checkGatewayNames } from './gateway-names.js'

/** Istio has fields for these and skips them as header names. */
const SKIPPED = ['uri', 'scheme', 'method', 'authority']
const NO_CONDITIONS = ['uri', 'ignoreUriCase', 'name', 'statPrefix']

export function checkHttpMatch(match: HTTPMatchRequest, report: Report): void {
  for (const field of ['uri', 'scheme', 'method', 'authority'] as const) {
    const condition = match[field]
    if (condition === undefined) continue
    if (Object.keys(condition).length === 0) {
      report.at(field).error('required', 'expected one of exact, prefix, regex')
    }
    checkCondition(condition, report.at(field), { emptyPrefix: field === 'uri' })
  }
  for (const field of ['headers', 'withoutHeaders'] as const) {
    for (const [name, condition] of Object.entries(match[field] ?? {})) {
      checkHeaderName(name, report.at(field, name))
      checkCondition(condition, report.at(field, name))
    }
  }
  for (const [name, condition] of Object.entries(match.queryParams ?? {})) {
    if (name === '') report.at('queryParams', name).error('required', 'the name of the parameter is empty')
    checkCondition(condition, report.at('queryParams', name))
  }
  checkSelector(match.sourceLabels, report.at('sourceLabels'))
  checkGatewayNames(match.gateways ?? [], report.at('gateways'))
  const { sourceNamespace } = match
  if (sourceNamespace !== undefined && sourceNamespace !== '' && !isDnsLabel(sourceNamespace)) {
    report.at('sourceNamespace').error('name', `${JSON.stringify(sourceNamespace)} is no namespace`)
  }
}

/** Whether the match holds for every request (S2): Istio drops all routes after it. */
export function isCatchAll(match: HTTPMatchRequest): boolean {
  const { uri } = match
  const anyPath = uri === undefined || uri.prefix === '/' || uri.prefix === '' || uri.regex === '.*'
  return anyPath && Object.keys(match).every((field) => NO_CONDITIONS.includes(field))
}

function checkHeaderName(name: string, report: Report): void {
  if (name.startsWith('@request.auth.')) return
  if (!isHeaderName(name)) {
    report.error('header', `${JSON.stringify(name)} is no header name: pseudo-headers have fields of their own`)
  } else if (SKIPPED.includes(name)) {
    report.warning(
      'no-effect',
      `a condition on a header named ${name} has no effect: use the field ${name} of the match`,
    )
  }
}

function checkCondition(condition: StringMatch, report: Report, { emptyPrefix = false } = {}): void {
  if (condition.prefix === '' && !emptyPrefix) {
    report.at('prefix').error('required', 'an empty prefix matches everything: leave the condition out')
  }
  if (condition.regex === '') report.at('regex').error('required', 'the regex is empty: ".*" matches everything')
}

import type { HeaderOperations, Headers } from './headers.js'
import type { Report } from './report.js'

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
/** RFC 9110 field-value: no control characters but the tab. */
const CONTROL = /[\x00-\x08\x0a-\x1f\x7f]/

/** RFC 9110 section 5.1. */
export function isHeaderName(text: string): boolean {
  return TOKEN.test(text)
}

/** Whether the text can stand in a header's value: no CR, LF, NUL or other control character. */
export function isHeaderValue(text: string): boolean {
  return !CONTROL.test(text)
}

export function checkHeaders(headers: Headers | undefined, report: Report): void {
  checkOperations(headers?.request, 'request', report.at('request'))
  checkOperations(headers?.response, 'response', report.at('response'))
}

/** The names by which operations set the authority of a request, as they are written. */
export function authorityNames(headers: Headers | undefined): readonly string[] {
  const { set = {}, add = {} } = headers?.request ?? {}
  return [...Object.keys(set), ...Object.keys(add)].filter(isAuthority)
}

function checkOperations(
  operations: HeaderOperations | undefined,
  direction: 'request' | 'response',
  report: Report,
): void {
  for (const verb of ['set', 'add'] as const) {
    for (const [name, value] of Object.entries(operations?.[verb] ?? {})) {
      const at = report.at(verb, name)
      if (name.startsWith(':') || (isAuthority(name) && direction === 'response')) {
        if (direction === 'response' || name !== ':authority') {
          at.error('header', `the ${direction} header ${name} cannot be set: remove it`)
        }
      } else if (!isHeaderName(name)) {
        at.error('header', `${JSON.stringify(name)} is no header name: expected letters, digits and !#$%&'*+-.^_\`|~`)
      }
      if (!isHeaderValue(value)) at.error('header', 'the value has a control character (CR, LF, NUL, ...): remove it')
    }
  }
  operations?.remove?.forEach((name, index) => {
    const at = report.at('remove', index)
    if (name.startsWith(':') || isAuthority(name)) at.error('header', `${name} cannot be removed`)
    else if (!isHeaderName(name)) at.error('header', `${JSON.stringify(name)} is no header name`)
  })
}

function isAuthority(name: string): boolean {
  return name.toLowerCase() === 'host' || name === ':authority'
}

import { RE2JS, RE2JSException } from 're2js'
import type * as z from 'zod'
import { enforced, message } from './field.js'
import { checkedText, text } from './scalar.js'

const REGEX_LENGTH_MAX = 1024

/** RE2, as Envoy runs it: no look-around, no back-references, at most 1024 characters. */
export function regex(): z.ZodString {
  return checkedText(regexFault)
}

/** Exactly one of the three; none of them (`{}`) asks only for presence, where the field allows that. */
export const stringMatch = message(
  'StringMatch',
  {
    exact: enforced(text(), 'Equals, case-sensitive.'),
    prefix: enforced(text(), 'Starts with; a raw string prefix, case-sensitive.'),
    regex: enforced(regex(), 'RE2 that matches the whole value, at most 1024 characters.'),
  },
  { oneofs: [['exact', 'prefix', 'regex']] },
)
export type StringMatch = z.output<typeof stringMatch>

function regexFault(pattern: string): string | undefined {
  if (pattern.length > REGEX_LENGTH_MAX) return `a regex of at most ${REGEX_LENGTH_MAX} characters`
  try {
    RE2JS.compile(pattern)
    return undefined
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    return `a regex in RE2's language: ${error.message}`
  }
}

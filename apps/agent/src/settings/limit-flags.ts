import { DEFAULT_LIMITS, definitionOf, LIMIT_NAMES, type LimitName, type Limits } from '../limits/limits.js'
import { UsageError } from './usage-error.js'

/** Some 25 days in milliseconds, 2 GiB in bytes: what is meant to be more than that is a typing error. */
const VALUE_MAX = 2 ** 31 - 1

/** `NAME=VALUE` each, the value a whole number in the unit that the name ends in. What is not named has its default. */
export function parseLimits(flag: string, texts: readonly string[]): Limits {
  const given = new Map<LimitName, number>()
  for (const text of texts) {
    const { name, value } = parseLimit(flag, text)
    if (given.has(name)) throw new UsageError(`${flag}: ${name} is given twice`)
    given.set(name, value)
  }
  return Object.freeze({ ...DEFAULT_LIMITS, ...Object.fromEntries(given) })
}

function parseLimit(flag: string, text: string): { readonly name: LimitName; readonly value: number } {
  const at = text.indexOf('=')
  if (at < 1) throw new UsageError(`${flag}: expected NAME=VALUE, not '${text}'`)
  const said = text.slice(0, at)
  const name = LIMIT_NAMES.find((known) => known === said)
  if (name === undefined) throw new UsageError(`${flag}: '${said}' is no limit; docs/limits.md lists them`)
  const digits = text.slice(at + 1)
  const { min } = definitionOf(name)
  if (!/^\d{1,10}$/.test(digits) || Number(digits) < min || Number(digits) > VALUE_MAX) {
    throw new UsageError(`${flag}: ${name} must be a whole number from ${min} to ${VALUE_MAX}, not '${digits}'`)
  }
  return { name, value: Number(digits) }
}

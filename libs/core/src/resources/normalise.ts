import type * as z from 'zod'
import { canonicalDuration } from './common/duration.js'
import type { Report } from './common/report.js'
import { scalarKind } from './common/scalar.js'

/**
 * Reads a value as protobuf's JSON allows it to be written, and gives it in the one form in which it is stored: field
 * names in camelCase and in the schema's order, map keys sorted, null fields absent, numbers in strings as numbers,
 * enums by name, durations in seconds, standard base64. What does not fit is passed on as it is, for the schema to
 * refuse. Does not change `value`.
 */
export function normalise(schema: z.core.$ZodType, value: unknown, report: Report): unknown {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
      return normalise(def.innerType, value, report)
    case 'object':
      return isObject(value) ? fields(def.shape, value, report) : value
    case 'record':
      return isObject(value) ? entries(def.valueType, value, report) : value
    case 'array':
      return Array.isArray(value) ? value.map((item, index) => normalise(def.element, item, report.at(index))) : value
    case 'enum':
      return choice(schema, Object.keys(def.entries), value)
    case 'number':
      return typeof value === 'string' && /^-?\d+(\.\d+)?$/.test(value) ? Number(value) : value
    case 'string':
      return typeof value === 'string' ? text(schema, value) : value
    default:
      return value
  }
}

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function fields(
  shape: Readonly<Record<string, z.core.$ZodType>>,
  value: Record<string, unknown>,
  report: Report,
): Record<string, unknown> {
  const known = new Map<string, unknown>()
  const unknown = new Map<string, unknown>()
  for (const [key, item] of Object.entries(value)) {
    const name = Object.hasOwn(shape, key) ? key : camelCase(key)
    if (!Object.hasOwn(shape, name)) {
      unknown.set(key, item)
    } else if (known.has(name)) {
      report.at(name).error('duplicate', `the field is given twice, also as ${key}: keep one of them`)
    } else if (item !== null) {
      known.set(name, item)
    }
  }
  const result: Record<string, unknown> = {}
  for (const [name, field] of Object.entries(shape)) {
    if (known.has(name)) result[name] = normalise(field, known.get(name), report.at(name))
  }
  for (const [key, item] of unknown) define(result, key, item)
  return result
}

function entries(
  valueSchema: z.core.$ZodType,
  value: Record<string, unknown>,
  report: Report,
): Record<string, unknown> {
  const result: Record<string, unknown> = {}
  for (const key of Object.keys(value).sort()) {
    if (key === '__proto__') {
      // zod passes over it without a check.
      report.at(key).error('unknown-field', 'no map has the key __proto__: remove it')
      continue
    }
    // In a map of messages, null is the empty message: `x-user:` without a value asks for presence (S7).
    const item = value[key] === null && isMessage(valueSchema) ? {} : value[key]
    result[key] = normalise(valueSchema, item, report.at(key))
  }
  return result
}

function choice(schema: z.core.$ZodType, names: readonly string[], value: unknown): unknown {
  if (typeof value === 'number') return names[value] ?? value
  return typeof value === 'string' && scalarKind(schema) === 'protocol' ? value.toUpperCase() : value
}

function text(schema: z.core.$ZodType, value: string): string {
  switch (scalarKind(schema)) {
    case 'duration':
      return canonicalDuration(value) ?? value
    case 'bytes': {
      const standard = value.replaceAll('-', '+').replaceAll('_', '/').replace(/=+$/, '')
      return standard + '='.repeat((4 - (standard.length % 4)) % 4)
    }
    default:
      return value
  }
}

function isMessage(schema: z.core.$ZodType): boolean {
  return (schema as z.core.$ZodTypes)._zod.def.type === 'object'
}

/** protobuf's rule: `retry_on` is `retryOn`, `consecutive_5xx_errors` is `consecutive5xxErrors`. */
function camelCase(key: string): string {
  return key.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase())
}

/** A key may be `__proto__`: it must become a property like any other, to be refused as one. */
function define(target: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
}

import * as z from 'zod'
import { messageName, notesOf } from './common/field.js'
import type { Path } from './common/path.js'
import type { Report } from './common/report.js'
import { suggest } from './common/suggest.js'
import { isObject } from './normalise.js'

/** How a scalar stood in the source text, where it was YAML: `1.10`, which the value 1.1 no longer tells. */
export type SourceOf = (path: Path) => string | undefined

const LISTED_MAX = 12

/**
 * Checks a value in normal form against its schema and reports every misfit: unknown fields with the name that was
 * probably meant, missing fields, wrong types, values out of range. Answers what is left when the misfits are taken
 * out: a value of the schema's type, but its own fields may be missing and a list may have holes.
 */
export function shapeFindings<Schema extends z.ZodObject>(
  schema: Schema,
  value: unknown,
  report: Report,
  sourceOf: SourceOf,
): Partial<z.output<Schema>> {
  const first = schema.safeParse(value)
  if (first.success) return value as z.output<Schema>
  for (const issue of first.error.issues) reportIssue(schema, value, issue, report, sourceOf)
  return withoutMisfits(schema, value, first.error.issues) as Partial<z.output<Schema>>
}

function reportIssue(
  schema: z.ZodType,
  root: unknown,
  issue: z.core.$ZodIssue,
  report: Report,
  sourceOf: SourceOf,
): void {
  const path = issue.path as Path
  const at = report.at(...path)
  const found = valueAt(root, path)
  switch (issue.code) {
    case 'unrecognized_keys':
      return issue.keys.forEach((key) =>
        report.at(...path, key).error('unknown-field', unknownField(schema, path, key)),
      )
    case 'invalid_type':
      return found === undefined
        ? at.error(
            'required',
            `the field is required: ${notesOf(schemaAt(schema, path) ?? schema)?.doc ?? 'give it a value'}`,
          )
        : at.error('type', wrongType(issue.expected, found, sourceOf(path)))
    case 'invalid_value': {
      const close = typeof found === 'string' ? suggest(found, issue.values.map(String)) : undefined
      const hint = close === undefined ? '' : `; did you mean ${close}?`
      const code = typeof found === 'string' || typeof found === 'number' ? 'enum' : 'type'
      return at.error(code, `found ${describe(found)}, expected one of ${issue.values.join(', ')}${hint}`)
    }
    case 'too_small':
      return at.error('range', `found ${describe(found)}, expected at least ${issue.minimum}`)
    case 'too_big':
      return at.error('range', `found ${describe(found)}, expected at most ${issue.maximum}`)
    default:
      return at.error('invalid', `found ${describe(found)}, ${issue.message}`)
  }
}

function unknownField(schema: z.ZodType, path: Path, key: string): string {
  const parent = unwrap(schemaAt(schema, path) ?? schema)
  const known = parent instanceof z.ZodObject ? Object.keys(parent.shape) : []
  const close = suggest(key, known)
  const listed = `known are ${known.slice(0, LISTED_MAX).join(', ')}${known.length > LISTED_MAX ? ', ...' : ''}`
  const hint = close === undefined ? listed : `did you mean ${close}?`
  return `${messageName(parent) ?? 'the object'} has no field ${JSON.stringify(key.slice(0, 100))}; ${hint}`
}

function wrongType(expected: string, found: unknown, source: string | undefined): string {
  const names: Record<string, string> = { array: 'a list', object: 'an object', record: 'an object', int: 'an integer' }
  const wanted = names[expected] ?? `a ${expected}`
  const message = `found ${describe(found)}, expected ${wanted}`
  if (expected === 'string' && (typeof found === 'number' || typeof found === 'boolean')) {
    return `${message}: quote it, as in "${source ?? String(found)}"`
  }
  if ((expected === 'boolean' || expected === 'number' || expected === 'int') && typeof found === 'string') {
    return `${message}: write it without quotes`
  }
  if (expected === 'array') return `${message}: start each item with "- "`
  return message
}

function describe(value: unknown): string {
  if (value === null) return 'null'
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'object') return 'an object'
  const text =
    typeof value === 'string' ? JSON.stringify(value.length > 100 ? `${value.slice(0, 97)}...` : value) : `${value}`
  return `the ${typeof value} ${text}`
}

/**
 * Takes out what the issues name. What a message cannot be without takes the message with it, so what is left has the
 * schema's type. List items leave holes, so that the paths of the others stay true.
 */
function withoutMisfits(schema: z.ZodType, value: unknown, issues: readonly z.core.$ZodIssue[]): unknown {
  if (!isObject(value)) return {}
  const copy = structuredClone(value)
  let open = issues
  while (open.length > 0) {
    for (const issue of open) {
      const path = issue.path as Path
      if (issue.code === 'unrecognized_keys') issue.keys.forEach((key) => remove(copy, [...path, key]))
      // Still there: it is what does not fit. Gone: its parent cannot be without it.
      else if (!remove(copy, path)) remove(copy, path.slice(0, -1))
    }
    open = schema.safeParse(copy).error?.issues.filter((issue) => !isGone(copy, issue.path as Path)) ?? []
  }
  return copy
}

function remove(root: unknown, path: Path): boolean {
  const key = path[path.length - 1]
  const parent = valueAt(root, path.slice(0, -1))
  if (key === undefined || typeof parent !== 'object' || parent === null || !Object.hasOwn(parent, key)) return false
  return Reflect.deleteProperty(parent, key)
}

/** A hole in a list, or a missing field of the root: there is nothing left to take out. */
function isGone(root: unknown, path: Path): boolean {
  const key = path[path.length - 1]
  const parent = valueAt(root, path.slice(0, -1))
  if (key === undefined || typeof parent !== 'object' || parent === null || Object.hasOwn(parent, key)) return false
  return parent === root || Array.isArray(parent)
}

function valueAt(root: unknown, path: Path): unknown {
  let value = root
  for (const key of path) {
    if ((!isObject(value) && !Array.isArray(value)) || !Object.hasOwn(value, key)) return undefined
    value = (value as Record<string | number, unknown>)[key]
  }
  return value
}

function schemaAt(root: z.ZodType, path: Path): z.core.$ZodType | undefined {
  let schema: z.core.$ZodType | undefined = root
  for (const key of path) {
    const def: z.core.$ZodTypes['_zod']['def'] = (unwrap(schema) as z.core.$ZodTypes)._zod.def
    if (def.type === 'object') schema = def.shape[key]
    else if (def.type === 'array') schema = def.element
    else if (def.type === 'record') schema = def.valueType
    else return undefined
    if (schema === undefined) return undefined
  }
  return schema
}

function unwrap(schema: z.core.$ZodType): z.core.$ZodType {
  return schema instanceof z.ZodOptional ? unwrap((schema as z.ZodOptional<z.ZodType>).unwrap()) : schema
}

import type * as z from 'zod'
import { notesOf, oneofsOf, type FieldNotes, type StateNote } from './common/field.js'
import type { Path } from './common/path.js'
import type { Report } from './common/report.js'
import { isObject } from './normalise.js'

/**
 * What the schema's notes say about the fields that a value sets: pending, without effect, refused, deprecated, or two
 * of a group of which one is allowed. The topmost field speaks for what lies below it. Nothing is said of a field that
 * says what its absence says. The value may have errors of shape; it is in normal form.
 */
export function fieldFindings(schema: z.core.$ZodType, value: unknown, report: Report): void {
  visit(schema, value, report, false)
}

/** Whether a field says no more than its absence: the default, or protobuf's empty value. */
export function saysNothing(notes: FieldNotes, value: unknown): boolean {
  if (notes.default !== undefined && same(notes.default, value)) return true
  return value === '' || value === false || (Array.isArray(value) && value.length === 0)
}

function visit(schema: z.core.$ZodType, value: unknown, report: Report, covered: boolean): void {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
      return visit(def.innerType, value, report, covered)
    case 'array':
      if (Array.isArray(value)) value.forEach((item, i) => visit(def.element, item, report.at(i), covered))
      return
    case 'record':
      if (!isObject(value)) return
      for (const [key, item] of Object.entries(value)) visit(def.valueType, item, report.at(key), covered)
      return
    case 'object':
      if (isObject(value)) visitMessage(schema, def.shape, value, report, covered)
      return
    default:
  }
}

/** `covered`: a field above was reported already; only a refusal still adds something. */
function visitMessage(
  schema: z.core.$ZodType,
  shape: Readonly<Record<string, z.core.$ZodType>>,
  value: Record<string, unknown>,
  report: Report,
  covered: boolean,
): void {
  for (const group of oneofsOf(schema)) {
    const given = group.filter((name) => Object.hasOwn(value, name))
    if (given.length > 1) report.error('oneof', `${given.join(' and ')} exclude each other: keep one of them`)
  }
  for (const [name, field] of Object.entries(shape)) {
    if (!Object.hasOwn(value, name)) continue
    const notes = notesOf(field)
    const item = value[name]
    const said = notes !== undefined && visitField(notes, item, report.at(name), covered)
    visit(field, item, report.at(name), covered || said)
  }
}

function visitField(notes: FieldNotes, value: unknown, report: Report, covered: boolean): boolean {
  if (saysNothing(notes, value)) return false
  if (notes.deprecated !== undefined) report.warning('deprecated', `the field is deprecated: ${notes.deprecated}`)
  if (tell(notes, [], report, covered)) return true
  const ofValue = typeof value === 'string' ? notes.values?.[value] : undefined
  if (ofValue !== undefined) tell(ofValue, [], report, covered, String(value))
  if (isObject(value) || typeof value === 'string') {
    for (const { path, ...note } of notes.inspect?.(value) ?? []) tell(note, path, report, covered)
  }
  return false
}

function tell(note: StateNote, path: Path, report: Report, covered: boolean, value?: string): boolean {
  const what = value === undefined ? 'the field' : `the value ${value}`
  const reason = note.reason ?? ''
  switch (note.state) {
    case 'enforced':
      return false
    case 'refused':
      report.at(...path).error('refused', `${what} is refused: ${reason}`)
      return true
    case 'pending':
      if (!covered) report.at(...path).warning('pending', `${what} is valid, but ${pendingReason(reason)}`)
      return true
    case 'no-effect':
      if (!covered) report.at(...path).warning('no-effect', `${what} has no effect here: ${reason}`)
      return true
  }
}

function pendingReason(reason: string): string {
  return reason.includes('this version') ? reason : `not enforced by this version: ${reason}`
}

function same(a: unknown, b: unknown): boolean {
  return JSON.stringify(a) === JSON.stringify(b)
}

import * as z from 'zod'

/**
 * What this version does with a field: does what Istio does; accepts it although it can have no effect here; knows it
 * but does not act on it yet; refuses it, because Istio does or because nobody implements it.
 */
export type FieldState = 'enforced' | 'no-effect' | 'pending' | 'refused'

/** The state of a field, or of one value of it, with the reason that a user is told. */
export interface StateNote {
  readonly state: FieldState
  readonly reason?: string
}

export interface FieldNotes extends StateNote {
  /** One or two sentences: meaning, unit, what an absent field means. */
  readonly doc: string
  /** What an absent field means, as a value. A field that says the same is never reported as pending. */
  readonly default?: unknown
  readonly deprecated?: string
  /** State by value, where values differ. */
  readonly values?: Readonly<Record<string, StateNote>>
  /**
   * State of a value that no list can name: a header value with an operator in it. Path is relative to the field. The
   * value is a string or an object; what is in it may not fit the schema.
   */
  readonly inspect?: (value: unknown) => readonly (StateNote & { readonly path: readonly string[] })[]
}

type Details = Omit<FieldNotes, 'doc' | 'state'>

const notes = z.registry<FieldNotes>()
const names = z.registry<{ readonly name: string; readonly oneofs: readonly (readonly string[])[] }>()

/** The notes of a field's schema, as they stand in a message's shape. */
export function notesOf(schema: z.core.$ZodType): FieldNotes | undefined {
  return notes.get(schema)
}

/** The message's name in Istio's API: `HTTPRoute`. */
export function messageName(schema: z.core.$ZodType): string | undefined {
  return names.get(schema)?.name
}

/** The message's groups of fields of which at most one may be set, as in protobuf. */
export function oneofsOf(schema: z.core.$ZodType): readonly (readonly string[])[] {
  return names.get(schema)?.oneofs ?? []
}

/**
 * A protobuf message: its fields, and nothing else. A group of `oneofs` allows one of its fields at most.
 * `id` names the schema in OpenAPI and is unique; it differs from the message's name where states differ by place.
 */
export function message<Shape extends z.ZodRawShape>(
  id: string,
  shape: Shape,
  options: { readonly name?: string; readonly oneofs?: readonly (readonly string[])[] } = {},
): z.ZodObject<Shape, z.core.$strict> {
  const schema = z.strictObject(shape).meta({ id })
  names.add(schema, { name: options.name ?? id, oneofs: options.oneofs ?? [] })
  return schema
}

/** This version does with the field what Istio does. */
export function enforced<T extends z.ZodType>(schema: T, doc: string, details: Details = {}): z.ZodOptional<T> {
  return field(schema, { ...details, state: 'enforced', doc })
}

/** Valid, but this version does not act on it. */
export function pending<T extends z.ZodType>(schema: T, doc: string, details: Details = {}): z.ZodOptional<T> {
  return field(schema, { reason: 'not enforced by this version', ...details, state: 'pending', doc })
}

/** Accepted with a warning: it can have no effect here. */
export function noEffect<T extends z.ZodType>(
  schema: T,
  doc: string,
  reason: string,
  details: Details = {},
): z.ZodOptional<T> {
  return field(schema, { ...details, state: 'no-effect', reason, doc })
}

export function refused<T extends z.ZodType>(schema: T, doc: string, reason: string): z.ZodOptional<T> {
  return field(schema, { state: 'refused', reason, doc })
}

/** Turns a field of the builders above into one that must be there. */
export function required<T extends z.ZodType>(optional: z.ZodOptional<T>): T {
  const about = notes.get(optional)
  if (about === undefined) throw new TypeError('required() takes a field')
  const schema = (optional.unwrap() as T).meta({ description: about.doc }) as T
  notes.add(schema, about)
  return schema
}

/** The same state for several values of a field. */
export function allOf(values: readonly string[], note: StateNote): Readonly<Record<string, StateNote>> {
  return Object.fromEntries(values.map((value) => [value, note]))
}

function field<T extends z.ZodType>(schema: T, about: FieldNotes): z.ZodOptional<T> {
  const optional = schema.optional().meta({ description: about.doc })
  notes.add(optional, about)
  return optional
}

import * as z from 'zod'

/** How a leaf is read from protobuf's JSON where zod's own type does not tell. */
export type ScalarKind = 'duration' | 'bytes' | 'protocol'

const kinds = z.registry<{ readonly kind: ScalarKind }>()

export function scalar<T extends z.ZodType>(schema: T, kind: ScalarKind): T {
  kinds.add(schema, { kind })
  return schema
}

export function scalarKind(schema: z.core.$ZodType): ScalarKind | undefined {
  return kinds.get(schema)?.kind
}

export function text(): z.ZodString {
  return z.string()
}

/** A string that is checked by `fault`, which answers what was expected instead, or nothing. */
export function checkedText(fault: (value: string) => string | undefined): z.ZodString {
  return z.string().check((context) => {
    const expected = fault(context.value)
    if (expected !== undefined) {
      context.issues.push({ code: 'custom', input: context.value, message: `expected ${expected}` })
    }
  })
}

export function flag(): z.ZodBoolean {
  return z.boolean()
}

export function int32(): z.ZodInt {
  return z.int().min(-2147483648).max(2147483647)
}

export function uint32(): z.ZodInt {
  return z.int().min(0).max(4294967295)
}

/** uint64, as far as a number is exact: 2^53 - 1. Nothing in Istio's API comes near. */
export function uint64(): z.ZodInt {
  return z.int().min(0)
}

export function double(): z.ZodNumber {
  return z.number()
}

/** A port that something listens on: 1 to 65535. */
export function port(): z.ZodInt {
  return z.int().min(1).max(65535)
}

/** Base64 with padding, in the standard alphabet. The URL alphabet is accepted on input. */
export function bytes(): z.ZodString {
  return scalar(
    checkedText((value) =>
      /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(value) ? undefined : 'base64',
    ),
    'bytes',
  )
}

export function list<T extends z.ZodType>(item: T): z.ZodArray<T> {
  return z.array(item)
}

/** A protobuf map. Keys are strings in all of Istio's API. */
export function map<T extends z.ZodType>(value: T): z.ZodRecord<z.ZodString, T> {
  return z.record(z.string(), value)
}

/** The values in the order of their protobuf numbers, 0 first. */
export function choice<const Values extends readonly [string, ...string[]]>(
  values: Values,
): z.ZodEnum<z.core.util.ToEnum<Values[number]>> {
  return z.enum(values)
}

/** Names of protocols, accepted in any case as Istio does, and stored in upper case. */
export function protocol<const Values extends readonly [string, ...string[]]>(
  values: Values,
): z.ZodEnum<z.core.util.ToEnum<Values[number]>> {
  return scalar(z.enum(values), 'protocol')
}

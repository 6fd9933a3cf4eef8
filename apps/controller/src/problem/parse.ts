import type { z } from 'zod'
import { type FieldProblem, Problem, type ProblemCode } from './problem.js'

/** Text that must be JSON of a schema's shape. @throws Problem bad-request (not JSON), invalid (another shape) */
export function parseJson<S extends z.ZodType>(schema: S, text: string): z.output<S> {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (error) {
    throw new Problem('bad-request', `The body is not JSON: ${(error as Error).message}`)
  }
  return parse(schema, value, 'invalid', 'The body does not have the expected shape.')
}

/** A value that must have a schema's shape. @throws Problem of that code, with every bad field */
export function parse<S extends z.ZodType>(schema: S, value: unknown, code: ProblemCode, detail: string): z.output<S> {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  throw new Problem(code, detail, { errors: parsed.error.issues.map(fieldProblem) })
}

function fieldProblem(issue: z.core.$ZodIssue): FieldProblem {
  const path = issue.path.reduce<string>(
    (text, key) => (typeof key === 'number' ? `${text}[${key}]` : text === '' ? String(key) : `${text}.${String(key)}`),
    '',
  )
  return { path, message: issue.message, code: issue.code === 'unrecognized_keys' ? 'unknown-field' : issue.code }
}

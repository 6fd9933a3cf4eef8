import type * as z from 'zod'
import { messageName, notesOf, type FieldNotes, type StateNote } from './common/field.js'
import { kinds } from './kinds.js'

const INTRODUCTION = `# Istio compatibility

Generated from the schemas in \`libs/core/src/resources\` by \`npm run gen\`. Every field of a kind is in one of four states:

- **enforced**: does what it does in Istio;
- **no effect**: accepted with a warning that says why;
- **pending**: valid, but this version does not act on it; an apply refuses it unless pending fields are allowed;
- **refused**: an error.

A state may differ by value. A field that says what its absence says is never reported. Fields below a pending field are
pending with it.
`

/** `docs/istio-compatibility.md`: one row a field of every kind, with its state and the reason. */
export function compatibilityTable(): string {
  return [INTRODUCTION, ...kinds.map((kind) => section(kind.kind, kind.schema))].join('\n')
}

interface Row {
  readonly path: string
  readonly notes: FieldNotes
  /** The path under which the same message was listed before. */
  readonly as?: string
}

function section(kind: string, schema: z.core.$ZodType): string {
  const rows: Row[] = []
  collect(schema, 'spec', new Map(), rows)
  const lines = rows.map(({ path, notes, as }) => {
    const doc = as === undefined ? notes.doc : `${notes.doc} Its fields: see \`${as}\`.`
    return `| \`${path}\` | ${state(notes)} | ${cell(doc)} |`
  })
  return [`## ${kind}`, '', '| field | state | meaning |', '| --- | --- | --- |', ...lines, ''].join('\n')
}

function collect(schema: z.core.$ZodType, path: string, seen: Map<z.core.$ZodType, string>, rows: Row[]): void {
  const { def } = (schema as z.core.$ZodTypes)._zod
  if (def.type !== 'object') return
  for (const [name, field] of Object.entries(def.shape)) {
    const notes = notesOf(field)
    if (notes === undefined) throw new TypeError(`${messageName(schema)}.${name} has no notes`)
    const { message, suffix } = innermost(field)
    const here = `${path}.${name}${suffix}`
    const as = message && seen.get(message)
    rows.push({ path: here, notes, ...(as !== undefined && { as }) })
    if (message === undefined || as !== undefined) continue
    seen.set(message, here)
    collect(message, here, seen, rows)
  }
}

/** The message inside of lists and maps, and how a path into it is written. */
function innermost(schema: z.core.$ZodType): { readonly message?: z.core.$ZodType; readonly suffix: string } {
  const { def } = (schema as z.core.$ZodTypes)._zod
  switch (def.type) {
    case 'optional':
      return innermost(def.innerType)
    case 'array': {
      const { message, suffix } = innermost(def.element)
      return { ...(message && { message }), suffix: `[]${suffix}` }
    }
    case 'record': {
      const { message, suffix } = innermost(def.valueType)
      return { ...(message && { message }), suffix: `{}${suffix}` }
    }
    case 'object':
      // A required field holds a copy of its message, made to carry the field's description.
      return { message: schema._zod.parent ?? schema, suffix: '' }
    default:
      return { suffix: '' }
  }
}

function state(notes: FieldNotes): string {
  const values = Object.entries(notes.values ?? {}).map(([value, note]) => `\`${value}\`: ${label(note)}`)
  return cell([label(notes), ...values].join('<br>'))
}

function label({ state: word, reason }: StateNote): string {
  const name = `**${word === 'no-effect' ? 'no effect' : word}**`
  return reason === undefined || reason === 'not enforced by this version' ? name : `${name} (${reason})`
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|')
}

import { canonicalJson, contentHash, type Part, type PartKey } from '../snapshot/index.js'

/** One part to be compiled: its key, the hash of everything it depends on, and the work if that hash is new. */
export interface PartTask {
  readonly key: PartKey
  readonly inputHash: string
  readonly compile: () => Part
}

/**
 * `compile` is a function of `input` and nothing else, so what is hashed and what is read cannot drift apart (a
 * generator that reads what is not in its key serves stale config). `input` is plain JSON; objects inside its lists
 * are hashed once by identity, so they must never change.
 */
export function partTask<P extends Part, I extends object>(
  type: P['type'],
  name: string,
  input: I,
  compile: (input: I) => P,
): PartTask {
  return { key: `${type}/${name}`, inputHash: inputHash(input), compile: () => compile(input) }
}

const encoder = new TextEncoder()
const stamps = new WeakMap<object, string>()

function inputHash(input: object): string {
  const fields = Object.entries(input).sort(([a], [b]) => (a < b ? -1 : 1))
  return contentHash(encoder.encode(fields.map(([name, value]) => `${name}=${stamp(value)}`).join('\n')))
}

function stamp(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(stamp).join()}]`
  if (typeof value !== 'object' || value === null) return value === undefined ? '' : canonicalJson(value)
  let known = stamps.get(value)
  if (known === undefined) stamps.set(value, (known = `#${contentHash(encoder.encode(canonicalJson(value)))}`))
  return known
}

import {
  canonical,
  keyOf,
  parsePath,
  resourceKey,
  type Path,
  type Resource,
  type ResourceKey,
} from '../resources/index.js'
import type { FieldChange, ResourceChange } from './change.js'
import { byKey, type Resources } from './diff.js'

/**
 * The reverse of `diffResources`: the resources after the changes, in what users write (labels, annotations, spec).
 * Throws when a change does not fit, since then it was made against other resources.
 */
export function applyChanges(resources: Resources, changes: readonly ResourceChange[]): Map<ResourceKey, Resource> {
  const result = new Map(byKey(resources))
  for (const change of changes) {
    const { action, apiVersion, kind, namespace, name } = change
    const key = resourceKey(apiVersion.split('/', 1)[0] ?? '', kind, namespace, name)
    const before = result.get(key)
    if ((before === undefined) !== (action === 'created')) throw new TypeError(`${key} cannot be ${action} here`)
    if (action === 'deleted') {
      result.delete(key)
      continue
    }
    const tree = structuredClone(before ?? { apiVersion, kind, metadata: { namespace, name }, spec: undefined })
    for (const field of change.fields) applyField(tree as unknown as Tree, field)
    const after = canonical(tree as Resource)
    result.set(keyOf(after), after)
  }
  return result
}

type Tree = Record<string | number, unknown>

function applyField(root: Tree, { path, to }: FieldChange): void {
  const segments: Path = parsePath(path)
  const last = segments[segments.length - 1]
  let parent: unknown = root
  for (const segment of segments.slice(0, -1)) parent = (parent as Tree)[segment]
  if (last === undefined || typeof parent !== 'object' || parent === null) throw new TypeError(`no such place: ${path}`)
  if (to !== null) define(parent as Tree, last, structuredClone(to))
  // Lists differ by index, so what goes away is always the tail.
  else if (Array.isArray(parent)) parent.length = Math.min(parent.length, Number(last))
  else Reflect.deleteProperty(parent, last)
}

function define(target: Tree, key: string | number, value: unknown): void {
  Object.defineProperty(target, key, { value, enumerable: true, writable: true, configurable: true })
}

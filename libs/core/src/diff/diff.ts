import {
  canonical,
  formatPath,
  keyOf,
  sameMeaning,
  type Path,
  type Resource,
  type ResourceKey,
} from '../resources/index.js'
import type { FieldChange, ResourceChange } from './change.js'

/** A set of resources, with or without their keys. */
export type Resources = ReadonlyMap<ResourceKey, Resource> | Iterable<Resource>

/** What has to change in `from` to make it `to`, by kind, namespace and name. */
export function diffResources(from: Resources, to: Resources): ResourceChange[] {
  const before = byKey(from)
  const after = byKey(to)
  const changes: ResourceChange[] = []
  for (const key of [...new Set([...before.keys(), ...after.keys()])].sort()) {
    const change = diffResource(before.get(key), after.get(key))
    if (change !== undefined) changes.push(change)
  }
  return changes
}

export function byKey(resources: Resources): ReadonlyMap<ResourceKey, Resource> {
  if (resources instanceof Map) return resources as ReadonlyMap<ResourceKey, Resource>
  return new Map([...(resources as Iterable<Resource>)].map((resource) => [keyOf(resource), resource]))
}

function diffResource(before: Resource | undefined, after: Resource | undefined): ResourceChange | undefined {
  const either = after ?? before
  if (either === undefined || (before && after && sameMeaning(before, after))) return undefined
  const fields: FieldChange[] = []
  diffValue(written(before), written(after), [], fields)
  const { apiVersion, kind } = either
  const { namespace, name } = either.metadata
  const action = before === undefined ? 'created' : after === undefined ? 'deleted' : 'updated'
  return { action, apiVersion, kind, namespace, name, fields }
}

/** What users write of a resource, as one object. */
function written(resource: Resource | undefined): object {
  if (resource === undefined) return { metadata: {} }
  const { metadata, spec } = canonical(resource)
  return { metadata: { labels: metadata.labels, annotations: metadata.annotations }, spec }
}

function diffValue(from: unknown, to: unknown, path: Path, fields: FieldChange[]): void {
  if (isTree(from) && isTree(to) && Array.isArray(from) === Array.isArray(to)) {
    for (const key of new Set([...Object.keys(from), ...Object.keys(to)])) {
      const segment = Array.isArray(to) ? Number(key) : key
      diffValue(own(from, key), own(to, key), [...path, segment], fields)
    }
  } else if (from !== to) {
    fields.push({ path: formatPath(path), from: from ?? null, to: to ?? null })
  }
}

function isTree(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null
}

function own(tree: Record<string, unknown>, key: string): unknown {
  return Object.hasOwn(tree, key) ? tree[key] : undefined
}

import { stringify } from 'yaml'
import { findKind } from './kinds.js'
import { normalise } from './normalise.js'
import { Report } from './common/report.js'
import type { ObjectMeta, Resource } from './resource.js'

/**
 * The one form of a resource: fields in the order of the schema, map keys sorted, nothing added. Two resources that are
 * equal in this form are the same, down to the byte. A kind that is not known keeps its spec as it is.
 */
export function canonical<Spec>(resource: Resource<Spec>): Resource<Spec> {
  const { apiVersion, kind, metadata, spec } = resource
  const schema = findKind(groupOf(apiVersion), kind)?.schema
  const ordered = schema === undefined ? spec : (normalise(schema, spec, new Report()) as Spec)
  return { apiVersion, kind, metadata: orderedMetadata(metadata), spec: ordered }
}

/** The canonical form as one line of JSON. */
export function canonicalJson(resource: Resource): string {
  return JSON.stringify(canonical(resource))
}

/**
 * Whether an apply of `b` over `a` would change nothing that a user writes: labels, annotations and spec. What the
 * server gives (uid, creationTimestamp, resourceVersion, generation) does not count, nor the spelling of apiVersion.
 */
export function sameMeaning(a: Resource, b: Resource): boolean {
  return canonicalJson(meaning(a)) === canonicalJson(meaning(b))
}

/** The canonical form as a YAML document that reads back as the same resource. Ambiguous strings are quoted. */
export function toYaml(resource: Resource): string {
  return stringify(canonical(resource), {
    // What Kubernetes' readers (YAML 1.1) would take for a boolean or a number is quoted by this version's rules.
    version: '1.1',
    lineWidth: 0,
    aliasDuplicateObjects: false,
    singleQuote: false,
  })
}

/** The same resource in another spelling of its apiVersion: `v1beta1`. */
export function toVersion<Spec>(resource: Resource<Spec>, version: string): Resource<Spec> {
  return { ...resource, apiVersion: `${groupOf(resource.apiVersion)}/${version}` }
}

function meaning({ apiVersion, kind, metadata, spec }: Resource): Resource {
  const { name, namespace, labels, annotations } = metadata
  const kept = { name, namespace, ...(labels && { labels }), ...(annotations && { annotations }) }
  return { apiVersion: groupOf(apiVersion), kind, metadata: kept, spec }
}

function orderedMetadata(metadata: ObjectMeta): ObjectMeta {
  const { name, namespace, labels, annotations, uid, creationTimestamp, resourceVersion, generation } = metadata
  return {
    name,
    namespace,
    ...(labels && Object.keys(labels).length > 0 && { labels: sorted(labels) }),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations: sorted(annotations) }),
    ...(uid !== undefined && { uid }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(generation !== undefined && { generation }),
  }
}

function sorted(map: Readonly<Record<string, string>>): Record<string, string> {
  return Object.fromEntries(Object.entries(map).sort(([a], [b]) => (a < b ? -1 : 1)))
}

function groupOf(apiVersion: string): string {
  return apiVersion.split('/', 1)[0] ?? ''
}

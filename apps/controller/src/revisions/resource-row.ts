import { canonical, type Resource } from '@fairlead/core/resources'
import type { ResourceVersionRow } from './resource-version.entity.js'

/** A stored version as the resource that it is, in canonical form: jsonb keeps no order of keys. */
export function fromRow(row: ResourceVersionRow): Resource {
  return canonical({
    apiVersion: row.apiVersion,
    kind: row.kind,
    metadata: {
      name: row.name,
      namespace: row.namespace,
      ...(Object.keys(row.labels).length === 0 ? {} : { labels: row.labels }),
      ...(Object.keys(row.annotations).length === 0 ? {} : { annotations: row.annotations }),
      uid: row.uid,
      creationTimestamp: rfc3339(row.creationTimestamp),
      resourceVersion: String(row.createdRevision),
      generation: row.generation,
    },
    spec: row.spec,
  })
}

/** A complete resource (`Step.after`) as the version that `revision` makes. */
export function toRow(resource: Resource, revision: number): ResourceVersionRow {
  const { name, namespace, labels, annotations, uid, creationTimestamp, generation } = resource.metadata
  if (uid === undefined || creationTimestamp === undefined) throw new Error(`${namespace}/${name} has no identity yet`)
  return {
    group: resource.apiVersion.slice(0, resource.apiVersion.indexOf('/')),
    kind: resource.kind,
    namespace,
    name,
    createdRevision: revision,
    deletedRevision: null,
    apiVersion: resource.apiVersion,
    uid,
    creationTimestamp: new Date(creationTimestamp),
    generation: generation ?? 1,
    labels: labels ?? {},
    annotations: annotations ?? {},
    spec: resource.spec ?? {},
  }
}

/** Whole seconds, as Kubernetes writes times. */
export function rfc3339(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, 'Z')
}

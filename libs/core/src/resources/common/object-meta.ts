import * as z from 'zod'
import { enforced, message, noEffect, required } from './field.js'
import { checkLabels, isDnsLabel, isDnsSubdomain, isQualifiedName } from './names.js'
import type { Report } from './report.js'
import { list, map, text, uint64 } from './scalar.js'

const ANNOTATIONS_BYTES_MAX = 256 * 1024
const RFC3339 = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)$/

/** What `kubectl get -o yaml` writes out about a cluster's own bookkeeping. It is taken out before anything is checked. */
export const SERVER_FIELDS: readonly string[] = [
  'managedFields',
  'selfLink',
  'deletionTimestamp',
  'deletionGracePeriodSeconds',
]

export const objectMeta = message('ObjectMeta', {
  name: required(enforced(text(), 'A DNS-1123 subdomain, unique among its kind in the namespace.')),
  namespace: enforced(text(), 'A DNS-1123 label. Absent: the namespace of the request, or `default`.'),
  labels: enforced(map(text()), 'Labels as in Kubernetes.'),
  annotations: enforced(map(text()), 'Annotations as in Kubernetes.'),
  uid: enforced(text(), 'Given by the server.'),
  creationTimestamp: enforced(text(), 'RFC 3339. Given by the server.'),
  resourceVersion: enforced(text(), 'Revision that last changed the object. A stale one in a write is a conflict.'),
  generation: enforced(uint64(), 'Grows with each change of spec. Given by the server.'),
  generateName: noEffect(text(), 'Prefix of a name to make.', 'names are not generated: write metadata.name'),
  finalizers: noEffect(list(text()), 'Work before deletion.', 'nothing here runs before a deletion'),
  ownerReferences: noEffect(list(z.unknown()), 'Owners in a cluster.', 'nothing here is deleted with its owner'),
})
export type ObjectMetaInput = z.output<typeof objectMeta>

/** Names and labels. The namespace is there by now. */
export function objectMetaRules(meta: Partial<ObjectMetaInput>, report: Report): void {
  const { name, namespace, annotations, creationTimestamp } = meta
  if (name !== undefined && !isDnsSubdomain(name)) {
    report
      .at('name')
      .error(
        'name',
        `${quote(name)} is no DNS-1123 subdomain: expected at most 253 of a-z, 0-9, "-", ".", as in "reviews-v1"`,
      )
  }
  if (namespace !== undefined && !isDnsLabel(namespace)) {
    report
      .at('namespace')
      .error('name', `${quote(namespace)} is no DNS-1123 label: expected at most 63 of a-z, 0-9, "-", as in "prod"`)
  }
  checkLabels(meta.labels, report.at('labels'))
  let size = 0
  for (const [key, value] of Object.entries(annotations ?? {})) {
    size += key.length + value.length
    const [last = '', ...prefix] = key.split('/').reverse()
    if (!isQualifiedName([...prefix.map((part) => part.toLowerCase()), last].join('/'))) {
      report.at('annotations', key).error('annotation', `${quote(key)} is no annotation key: expected [prefix/]name`)
    }
  }
  if (size > ANNOTATIONS_BYTES_MAX) {
    report.at('annotations').error('range', `found ${size} characters of annotations, expected at most 262144`)
  }
  if (creationTimestamp !== undefined && !RFC3339.test(creationTimestamp)) {
    report.at('creationTimestamp').error('invalid', `${quote(creationTimestamp)} is no time: expected RFC 3339`)
  }
}

function quote(text: string): string {
  return JSON.stringify(text.length > 100 ? `${text.slice(0, 97)}...` : text)
}

import type { Resource } from '../resources/index.js'

/** The oldest first; of equal age by name, then by namespace (S9). What has no timestamp is the oldest. */
export function compareAge(a: Resource, b: Resource): number {
  return (
    createdMs(a) - createdMs(b) ||
    compareText(a.metadata.name, b.metadata.name) ||
    compareText(a.metadata.namespace, b.metadata.namespace)
  )
}

function createdMs({ metadata }: Resource): number {
  return metadata.creationTimestamp === undefined ? 0 : Date.parse(metadata.creationTimestamp)
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

import { isDeepStrictEqual } from 'node:util'
import type { Resource } from '@fairlead/core/resources'

/** Whether two resources say the same, whatever the store has given them (uid, age, versions). */
export function sameMeaning(a: Resource, b: Resource): boolean {
  return (
    a.apiVersion === b.apiVersion &&
    isDeepStrictEqual(a.metadata.labels ?? {}, b.metadata.labels ?? {}) &&
    isDeepStrictEqual(a.metadata.annotations ?? {}, b.metadata.annotations ?? {}) &&
    sameSpec(a, b)
  )
}

export function sameSpec(a: Resource, b: Resource): boolean {
  return isDeepStrictEqual(a.spec, b.spec)
}

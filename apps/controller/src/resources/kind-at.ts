import { findKind, type KindDefinition } from '@fairlead/core/resources'
import { Problem } from '../problem/problem.js'

/** Path parameters of every route of resources. */
export interface KindPath {
  readonly group: string
  readonly version: string
  readonly plural: string
}

export interface CollectionPath extends KindPath {
  /** Undefined: all namespaces. */
  readonly namespace?: string
}

export interface NamespacePath extends KindPath {
  readonly namespace: string
}

export interface ItemPath extends NamespacePath {
  readonly name: string
}

/** @throws Problem not-found when no kind is served under that path */
export function kindAt({ group, version, plural }: KindPath): KindDefinition {
  const kind = findKind(group, plural)
  if (kind?.plural === plural && kind.versions.includes(version)) return kind
  throw new Problem('not-found', `There is no kind "${plural}" in ${group}/${version}.`)
}

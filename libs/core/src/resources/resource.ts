/** One Istio object or one of our own kinds, as stored and served: always in the kind's storage version (v1). */
export interface Resource<Spec = unknown> {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: ObjectMeta
  readonly spec: Spec
}

export interface ObjectMeta {
  readonly name: string
  readonly namespace: string
  readonly labels?: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  /** Given by the server at creation; kept through rollback and import. */
  readonly uid?: string
  /** RFC 3339, seconds. Istio's precedence is by age (S9), so it is kept through rollback and import too. */
  readonly creationTimestamp?: string
  /** Number of the revision that last changed this object, as a string. */
  readonly resourceVersion?: string
  /** Grows with each change of spec. */
  readonly generation?: number
}

/** `networking.istio.io/VirtualService/prod/reviews`: identity. The apiVersion's version is only a spelling. */
export type ResourceKey = string

export function resourceKey(group: string, kind: string, namespace: string, name: string): ResourceKey {
  return `${group}/${kind}/${namespace}/${name}`
}

export function keyOf(resource: Resource): ResourceKey {
  const group = resource.apiVersion.slice(0, resource.apiVersion.indexOf('/'))
  return resourceKey(group, resource.kind, resource.metadata.namespace, resource.metadata.name)
}

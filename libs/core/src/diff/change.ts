/** One field that differs. Null stands for an absent field: no value in a resource is null. */
export interface FieldChange {
  /** `spec.http[0].route[1].weight`; lists are compared by index. */
  readonly path: string
  readonly from: unknown
  readonly to: unknown
}

export interface ResourceChange {
  readonly action: 'created' | 'updated' | 'deleted'
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** Labels, annotations and spec: what users write. Created and deleted resources have theirs as a whole. */
  readonly fields: readonly FieldChange[]
}

import type { Resource, ResourceKey } from '@fairlead/core/resources'
import type { RevisionSource } from './revision.entity.js'

export type { RevisionSource }

/** What is known of one revision besides its resources. */
export interface Revision {
  readonly number: number
  readonly parent: number | null
  readonly author: string
  readonly message: string
  readonly source: RevisionSource
  readonly createdAt: Date
  readonly created: number
  readonly updated: number
  readonly deleted: number
}

/** One revision as what it changed. */
export interface RevisionChange {
  readonly revision: number
  readonly changes: readonly ResourceChange[]
}

/** Before and after are not both null. */
export interface ResourceChange {
  readonly key: ResourceKey
  readonly before: Resource | null
  readonly after: Resource | null
}

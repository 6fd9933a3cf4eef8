import type { Resource, ResourceKey } from '@fairlead/core/resources'

/** The newest revision with all its resources. Immutable: the next revision is the next value. */
export interface HeadState {
  readonly revision: number
  readonly resources: ReadonlyMap<ResourceKey, Resource>
}

/** What other modules may know of the store: its newest state, and each next one in order, none left out. */
export abstract class MeshHead {
  /** Loaded from the database before the application listens. */
  abstract readonly current: HeadState
  /** Called after commit, in revision order, once a revision, on every replica. Returns the unsubscribe. */
  abstract subscribe(listener: (state: HeadState) => void): () => void
}

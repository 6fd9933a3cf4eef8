import type { PartKey } from './part.js'
import type { SnapshotVersion } from './version.js'

/** A part as it travels and rests: canonical JSON bytes, named and hashed. Immutable; shared between agents. */
export interface EncodedPart {
  readonly key: PartKey
  /** Content hash of `bytes`: see `contentHash`. */
  readonly hash: string
  readonly bytes: Uint8Array
}

/** Everything that one agent needs. `parts` is sorted by key; `hash` is the hash over all keys and hashes. */
export interface Snapshot {
  readonly version: SnapshotVersion
  readonly hash: string
  readonly parts: ReadonlyMap<PartKey, EncodedPart>
}

/** What turns the snapshot with hash `baseHash` into the one with `hash`. An empty `baseHash`: starts from nothing. */
export interface SnapshotDelta {
  readonly version: SnapshotVersion
  readonly baseHash: string
  readonly hash: string
  readonly changed: readonly EncodedPart[]
  readonly removed: readonly PartKey[]
}

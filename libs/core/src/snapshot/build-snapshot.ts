import { contentHash } from './content-hash.js'
import type { PartKey } from './part.js'
import type { EncodedPart, Snapshot } from './snapshot.js'
import type { SnapshotVersion } from './version.js'

/** A part as far as hashes of a whole see it. */
export interface PartIdentity {
  readonly key: PartKey
  readonly hash: string
}

const encoder = new TextEncoder()

/** Throws if two parts have one key. */
export function buildSnapshot(version: SnapshotVersion, parts: Iterable<EncodedPart>): Snapshot {
  const sorted = sortByKey(parts)
  const byKey = new Map<PartKey, EncodedPart>()
  for (const part of sorted) {
    if (byKey.has(part.key)) throw new Error(`two parts are named ${part.key}`)
    byKey.set(part.key, part)
  }
  return { version, hash: hashSorted(sorted), parts: byKey }
}

/** Hash over all keys and hashes, whatever their order. The version is no part of it: it names states, not content. */
export function snapshotHash(parts: Iterable<PartIdentity>): string {
  return hashSorted(sortByKey(parts))
}

function sortByKey<P extends PartIdentity>(parts: Iterable<P>): readonly P[] {
  return [...parts].sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0))
}

function hashSorted(parts: readonly PartIdentity[]): string {
  return contentHash(encoder.encode(JSON.stringify(parts.map((part) => [part.key, part.hash]))))
}

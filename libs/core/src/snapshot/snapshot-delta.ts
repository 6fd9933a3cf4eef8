import { buildSnapshot, snapshotHash } from './build-snapshot.js'
import { checkPartHash } from './part-codec.js'
import type { PartKey } from './part.js'
import type { EncodedPart, Snapshot, SnapshotDelta } from './snapshot.js'

/** What turns `base` into `next`; `null` is an agent that has nothing. */
export function diffSnapshots(base: Snapshot | null, next: Snapshot): SnapshotDelta {
  const known = new Map<PartKey, string>()
  if (base !== null) for (const part of base.parts.values()) known.set(part.key, part.hash)
  return diff(base === null ? '' : base.hash, known, next)
}

/** As `diffSnapshots`, from an agent of which only the hashes of its parts are known. */
export function diffFromInventory(inventory: ReadonlyMap<PartKey, string>, next: Snapshot): SnapshotDelta {
  const parts = Array.from(inventory, ([key, hash]) => ({ key, hash }))
  return diff(parts.length === 0 ? '' : snapshotHash(parts), inventory, next)
}

/**
 * The snapshot that a delta leads to. Throws if the delta starts from another base, if a part's content is not what its
 * hash says, or if the whole is not what was announced; `base` is never touched, so there is no half-applied state.
 */
export function applyDelta(base: Snapshot | null, delta: SnapshotDelta): Snapshot {
  const parts = new Map<PartKey, EncodedPart>()
  if (delta.baseHash !== '') {
    const baseHash = base === null ? 'nothing' : base.hash
    if (base === null || base.hash !== delta.baseHash) {
      throw new Error(`the delta starts from ${delta.baseHash}, but ${baseHash} is here`)
    }
    for (const part of base.parts.values()) parts.set(part.key, part)
  }
  for (const key of delta.removed) parts.delete(key)
  for (const part of delta.changed) {
    checkPartHash(part)
    parts.set(part.key, part)
  }
  const next = buildSnapshot(delta.version, parts.values())
  if (next.hash !== delta.hash) throw new Error(`the delta leads to ${next.hash}, not to the announced ${delta.hash}`)
  return next
}

function diff(baseHash: string, known: ReadonlyMap<PartKey, string>, next: Snapshot): SnapshotDelta {
  const changed: EncodedPart[] = []
  for (const part of next.parts.values()) if (known.get(part.key) !== part.hash) changed.push(part)
  const removed = [...known.keys()].filter((key) => !next.parts.has(key)).sort()
  return { version: next.version, baseHash, hash: next.hash, changed, removed }
}

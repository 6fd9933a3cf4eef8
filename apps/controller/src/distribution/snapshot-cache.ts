import type { Snapshot } from '@fairlead/core/snapshot'

/** Recent snapshots by hash, so that an agent which comes back gets a delta. Bounded by the number of parts named. */
export class SnapshotCache {
  readonly #byHash = new Map<string, Snapshot>()
  #weight = 0

  constructor(private readonly partsMax = 500_000) {}

  get(hash: string): Snapshot | undefined {
    return this.#byHash.get(hash)
  }

  /** Makes it the newest; the oldest go. */
  put(snapshot: Snapshot): void {
    if (this.#byHash.delete(snapshot.hash)) this.#weight -= weightOf(snapshot)
    this.#byHash.set(snapshot.hash, snapshot)
    this.#weight += weightOf(snapshot)
    for (const [hash, oldest] of this.#byHash) {
      if (this.#weight <= this.partsMax) return
      this.#byHash.delete(hash)
      this.#weight -= weightOf(oldest)
    }
  }
}

function weightOf({ parts }: Snapshot): number {
  return parts.size + 1
}

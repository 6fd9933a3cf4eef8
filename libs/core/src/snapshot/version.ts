/**
 * What an agent runs, named by three numbers that only grow. A traffic rollout moves the overlay, instances coming
 * and going move the endpoints; neither makes a revision.
 */
export interface SnapshotVersion {
  readonly revision: number
  readonly overlay: number
  readonly endpoints: number
}

export const NO_VERSION: SnapshotVersion = { revision: 0, overlay: 0, endpoints: 0 }

/** `12.0.7`: how a version is written in logs, on the wire of the CLI, and on disk. */
export function formatVersion(version: SnapshotVersion): string {
  return `${version.revision}.${version.overlay}.${version.endpoints}`
}

/** Negative if `a` is older than `b`, 0 if equal: by revision, then overlay, then endpoints. */
export function compareVersions(a: SnapshotVersion, b: SnapshotVersion): number {
  return a.revision - b.revision || a.overlay - b.overlay || a.endpoints - b.endpoints
}

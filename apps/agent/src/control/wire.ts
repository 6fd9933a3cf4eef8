import type { PartKey, Snapshot, SnapshotDelta, SnapshotVersion } from '@fairlead/core/snapshot'
import type { AgentMessage, Inventory, Node, Update, Version } from '@fairlead/proto'

/** What the controller learns of this agent at each Hello. */
export interface AgentNode {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly role: 'sidecar' | 'gateway'
  readonly address: string
  readonly locality: string
  readonly workloadGroup: string
  readonly inbound: readonly {
    readonly bindAddress: string
    readonly bindPort: number
    readonly applicationPort: number
    readonly applicationAddress: string
  }[]
}

/** Throws where a number is beyond what a double holds exactly: such a version could not be compared. */
export function deltaOfUpdate(update: Update): SnapshotDelta {
  return {
    version: versionFromWire(update.version),
    baseHash: update.baseHash,
    hash: update.hash,
    // Keys are checked against the parts when these are decoded, on apply.
    changed: update.changed.map(({ key, hash, content }) => ({ key: key as PartKey, hash, bytes: content })),
    removed: update.removed as PartKey[],
  }
}

export function inventoryOf(snapshot: Snapshot | null): Inventory {
  return { parts: Array.from(snapshot?.parts.values() ?? [], ({ key, hash }) => ({ key, hash })) }
}

export function nodeToWire(node: AgentNode): Node {
  return { ...node, labels: { ...node.labels }, inbound: node.inbound.map((listener) => ({ ...listener })) }
}

export function versionToWire({ revision, overlay, endpoints }: SnapshotVersion): Version {
  return { revision: BigInt(revision), overlay: BigInt(overlay), endpoints: BigInt(endpoints) }
}

/** The one wrapping that ts-proto's oneof asks for. */
export function agentMessage(message: NonNullable<AgentMessage['message']>): AgentMessage {
  return { message }
}

function versionFromWire(version: Version | undefined): SnapshotVersion {
  if (version === undefined) throw new Error('the update names no version')
  return {
    revision: exact(version.revision),
    overlay: exact(version.overlay),
    endpoints: exact(version.endpoints),
  }
}

function exact(value: bigint): number {
  const number = Number(value)
  if (!Number.isSafeInteger(number)) throw new Error(`version number ${value} is out of range`)
  return number
}

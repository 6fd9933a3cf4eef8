import { NO_VERSION, type PartKey, type SnapshotVersion } from '@fairlead/core/snapshot'
import type { Hello, Inventory, Version } from '@fairlead/proto'
import type { Registration } from '../fleet/agent-record.js'
import { RegistrationRefused } from '../fleet/registration.js'
import type { SharedScope } from './mesh-compiler.js'

/** What a Hello says, in our words; the registration is not checked yet. Throws RegistrationRefused. */
export function registrationOf({ node, agentVersion, instanceEpoch }: Hello): Registration {
  if (node === undefined) throw new RegistrationRefused('invalid', 'node: is missing')
  const { namespace, name, labels, role, address, locality, inbound } = node
  if (role !== 'sidecar' && role !== 'gateway') {
    throw new RegistrationRefused(
      'invalid',
      `role: ${JSON.stringify(role.slice(0, 80))} is neither sidecar nor gateway`,
    )
  }
  return {
    namespace,
    name,
    labels,
    role,
    address,
    locality,
    inbound: inbound.map(({ bindAddress, bindPort, applicationPort, applicationAddress }) => ({
      bindAddress,
      bindPort,
      applicationPort,
      applicationAddress: applicationAddress === '' ? '127.0.0.1' : applicationAddress,
    })),
    agentVersion,
    instanceEpoch: Number(instanceEpoch),
  }
}

/** What of it decides on the agent's snapshot. */
export function scopeOf({ namespace, labels, role, locality, inbound }: Registration): SharedScope {
  const binds = inbound.map(({ bindAddress: address, bindPort: port, ...application }) => ({
    address,
    port,
    ...application,
  }))
  return { namespace, labels, role, locality, inbound: binds }
}

export function inventoryOf({ parts }: Inventory): ReadonlyMap<PartKey, string> {
  return new Map(parts.map(({ key, hash }) => [key as PartKey, hash]))
}

/** Absent, or beyond what a double holds exactly: none. */
export function versionFromWire(version: Version | undefined): SnapshotVersion {
  if (version === undefined) return NO_VERSION
  const [revision, overlay, endpoints] = [version.revision, version.overlay, version.endpoints].map(Number)
  const numbers = { revision: revision!, overlay: overlay!, endpoints: endpoints! }
  return Object.values(numbers).every(Number.isSafeInteger) ? numbers : NO_VERSION
}

export function versionToWire({ revision, overlay, endpoints }: SnapshotVersion): Version {
  return { revision: BigInt(revision), overlay: BigInt(overlay), endpoints: BigInt(endpoints) }
}

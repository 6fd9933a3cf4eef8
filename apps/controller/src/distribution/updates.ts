import {
  diffFromInventory,
  diffSnapshots,
  type EncodedPart,
  formatVersion,
  type Snapshot,
  type SnapshotDelta,
} from '@fairlead/core/snapshot'
import type { ControllerMessage, Part } from '@fairlead/proto'
import type { Base } from './push-state.js'
import { versionToWire } from './wire.js'

/**
 * Update messages. Agents that go from one snapshot to another get one message object, which is therefore compared once
 * and encoded once (see `encodeOnce`). Kept for as long as one version is the newest.
 */
export class Updates {
  readonly #messages = new Map<string, ControllerMessage>()
  readonly #parts = new WeakMap<EncodedPart, Part>()
  #version = ''

  message(base: Base, target: Snapshot): ControllerMessage {
    const version = formatVersion(target.version)
    if (this.#version !== version) this.#messages.clear()
    this.#version = version
    if (base.kind === 'inventory') return this.#update(diffFromInventory(base.parts, target))
    const snapshot = base.kind === 'snapshot' ? base.snapshot : null
    const key = `${snapshot?.hash ?? ''} ${target.hash}`
    const known = this.#messages.get(key)
    if (known !== undefined) return known
    const message = this.#update(diffSnapshots(snapshot, target))
    this.#messages.set(key, message)
    return message
  }

  #update({ version, baseHash, hash, changed, removed }: SnapshotDelta): ControllerMessage {
    return {
      message: {
        $case: 'update',
        value: {
          version: versionToWire(version),
          baseHash,
          hash,
          changed: changed.map((part) => this.#part(part)),
          removed: [...removed],
        },
      },
    }
  }

  #part(encoded: EncodedPart): Part {
    let part = this.#parts.get(encoded)
    if (part === undefined) {
      const { key, hash, bytes } = encoded
      // A view, not a copy: many agents share these bytes.
      part = { key, hash, content: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength) }
      this.#parts.set(encoded, part)
    }
    return part
  }
}

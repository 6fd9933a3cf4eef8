import { describe, it, expect } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson } from './canonical-json.js'
import { contentHash } from './content-hash.js'
import { buildSnapshot, snapshotHash } from './build-snapshot.js'
import { decodePart, encodePart, PartError } from './part-codec.js'
import type { EndpointsPart, Part, PartKey } from './part.js'
import type { EncodedPart, Snapshot } from './snapshot.js'
import { applyDelta, diffFromInventory, diffSnapshots } from './snapshot-delta.js'
import { deserializeSnapshot, serializeSnapshot } from './snapshot-file.js'
import { compareVersions, type SnapshotVersion } from './version.js'

const VERSION: SnapshotVersion = { revision: 12, overlay: 0, endpoints: 3 }

function endpoints(name: string, ...ports: readonly number[]): EndpointsPart {
  return {
    type: 'endpoints',
    name,
    endpoints: ports.map((port) => ({ address: '127.0.0.1', port, weight: 1, locality: '', workload: '' })),
  }
}

const CLUSTER: Part = {
  type: 'cluster',
  name: 'outbound|80||ä.example.com',
  direction: 'outbound',
  service: { host: 'ä.example.com', port: 80, subset: '' },
  discovery: 'dns',
  loadBalancer: 'LEAST_REQUEST',
  connectTimeoutMs: 10_000,
}

const someSnapshot = fc
  .uniqueArray(fc.tuple(fc.constantFrom('a', 'b', 'c', 'd'), fc.integer({ min: 1, max: 3 })), {
    selector: ([name]) => name,
  })
  .map((parts): Snapshot =>
    buildSnapshot(
      VERSION,
      parts.map(([name, port]) => encodePart(endpoints(name, port))),
    ),
  )

describe('canonicalJson', () => {
  it('spells a value the same whatever the order of its keys, and leaves undefined out', () => {
    expect(canonicalJson({ b: [1, { d: null, c: 'x' }], a: undefined })).toBe('{"b":[1,{"c":"x","d":null}]}')
  })

  it('is read back by JSON.parse as the same value', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) =>
        expect(canonicalJson(value)).toBe(canonicalJson(JSON.parse(canonicalJson(value)))),
      ),
    )
  })

  it.each([[NaN], [Infinity], [[undefined]], [new Map()], [(): void => {}]])('refuses %p', (value) => {
    expect(() => canonicalJson(value)).toThrow(TypeError)
  })
})

describe('encodePart and decodePart', () => {
  it('give the part back', () => {
    expect(decodePart(encodePart(CLUSTER))).toEqual(CLUSTER)
    expect(encodePart(CLUSTER).key).toBe('cluster/outbound|80||ä.example.com')
  })

  const encoded = (text: string, key: PartKey = 'cluster/x'): EncodedPart => {
    const bytes = new TextEncoder().encode(text)
    return { key, hash: contentHash(bytes), bytes }
  }
  it.each<[string, EncodedPart]>([
    ['another hash', { ...encodePart(CLUSTER), hash: '0'.repeat(32) }],
    ['another key', { ...encodePart(CLUSTER), key: 'cluster/y' }],
    ['no JSON', encoded('{')],
    ['no UTF-8', { ...encoded(''), bytes: Uint8Array.of(34, 255, 34), hash: contentHash(Uint8Array.of(34, 255, 34)) }],
    ['no object', encoded('[]')],
    ['an unknown type', encoded('{"type":"toString","name":"x"}')],
    ['a missing field', encoded('{"type":"cluster","name":"x"}')],
    ['a malformed list', encoded('{"type":"endpoints","name":"x","endpoints":[1]}', 'endpoints/x')],
  ])('refuse %s and name the part', (_, part) => {
    expect(() => decodePart(part)).toThrow(PartError)
    expect(() => decodePart(part)).toThrow(part.key)
  })
})

describe('buildSnapshot', () => {
  it('hashes the parts, not their order and not the version', () => {
    const parts = [encodePart(CLUSTER), encodePart(endpoints('a', 1)), encodePart(endpoints('b', 2))]
    const one = buildSnapshot(VERSION, parts)
    const other = buildSnapshot({ ...VERSION, revision: 13 }, [...parts].reverse())
    expect(other.hash).toBe(one.hash)
    expect([...other.parts.keys()]).toEqual([...one.parts.keys()].sort())
    expect(snapshotHash(parts)).toBe(one.hash)
  })

  it('refuses two parts of one name', () => {
    expect(() => buildSnapshot(VERSION, [encodePart(endpoints('a')), encodePart(endpoints('a', 1))])).toThrow(
      'endpoints/a',
    )
  })
})

describe('applyDelta', () => {
  it('leads from any snapshot to any other, also from an inventory', () => {
    fc.assert(
      fc.property(fc.option(someSnapshot), someSnapshot, (base, next) => {
        expect(applyDelta(base, diffSnapshots(base, next))).toEqual(next)
        const inventory = new Map(Array.from(base?.parts.values() ?? [], (part) => [part.key, part.hash]))
        expect(applyDelta(base, diffFromInventory(inventory, next))).toEqual(next)
      }),
    )
  })

  const base = buildSnapshot(VERSION, [encodePart(endpoints('a', 1)), encodePart(endpoints('b', 1))])
  const next = buildSnapshot(VERSION, [encodePart(endpoints('a', 2)), encodePart(endpoints('c', 1))])

  it('carries only what changed', () => {
    const delta = diffSnapshots(base, next)
    expect(delta.changed.map((part) => part.key)).toEqual(['endpoints/a', 'endpoints/c'])
    expect(delta.removed).toEqual(['endpoints/b'])
  })

  it('refuses another base, another content and another whole', () => {
    const delta = diffSnapshots(base, next)
    expect(() => applyDelta(next, delta)).toThrow(base.hash)
    expect(() => applyDelta(null, delta)).toThrow(base.hash)
    expect(() => applyDelta(base, { ...delta, removed: [] })).toThrow(next.hash)
    const [part] = delta.changed
    const damaged = { ...part!, bytes: new Uint8Array(part!.bytes.length) }
    expect(() => applyDelta(base, { ...delta, changed: [damaged, ...delta.changed.slice(1)] })).toThrow(PartError)
    expect([...base.parts.keys()]).toEqual(['endpoints/a', 'endpoints/b'])
  })
})

describe('the snapshot file', () => {
  const snapshot = buildSnapshot(VERSION, [encodePart(CLUSTER), encodePart(endpoints('a', 1))])
  const file = serializeSnapshot(snapshot)

  it('gives the snapshot back', () => {
    expect(deserializeSnapshot(file)).toEqual(snapshot)
    expect(deserializeSnapshot(serializeSnapshot(buildSnapshot(VERSION, []))).parts.size).toBe(0)
  })

  it('is refused with any bit of any byte flipped', () => {
    for (let at = 0; at < file.length; at++) {
      for (let bit = 0; bit < 8; bit++) {
        const damaged = file.slice()
        damaged[at]! ^= 1 << bit
        expect(() => deserializeSnapshot(damaged)).toThrow(/^snapshot file: /)
      }
    }
  })

  it('is refused when cut anywhere or longer', () => {
    for (let length = 0; length < file.length; length++) {
      expect(() => deserializeSnapshot(file.subarray(0, length))).toThrow(/^snapshot file: /)
    }
    expect(() => deserializeSnapshot(Uint8Array.of(...file, 10))).toThrow(/^snapshot file: /)
  })
})

describe('compareVersions', () => {
  it('orders by revision, then overlay, then endpoints', () => {
    const version = (revision: number, overlay: number, endpoints: number): SnapshotVersion => ({
      revision,
      overlay,
      endpoints,
    })
    const sorted = [version(1, 9, 9), version(2, 0, 9), version(2, 1, 0), version(2, 1, 1)]
    expect([...sorted].reverse().sort(compareVersions)).toEqual(sorted)
    expect(compareVersions(VERSION, { ...VERSION })).toBe(0)
  })
})

import { describe, expect, it } from '@jest/globals'
import { buildSnapshot, encodePart, NO_VERSION } from '@fairlead/core/snapshot'
import { SnapshotCache } from './snapshot-cache.js'

const snapshot = (name: string) => buildSnapshot(NO_VERSION, [encodePart({ type: 'endpoints', name, endpoints: [] })])

describe('SnapshotCache', () => {
  it('keeps the newest, within its bound', () => {
    const [a, b, c] = [snapshot('a'), snapshot('b'), snapshot('c')]
    // Each weighs its one part and itself.
    const cache = new SnapshotCache(4)
    cache.put(a)
    cache.put(b)
    cache.put(a)
    cache.put(c)
    expect([a, b, c].map(({ hash }) => cache.get(hash))).toEqual([a, undefined, c])
  })
})

import { describe, expect, it } from '@jest/globals'
import { buildSnapshot, encodePart, NO_VERSION, type Snapshot, type SnapshotVersion } from '@fairlead/core/snapshot'
import { type Push, PushState } from './push-state.js'

const at = new Date(0)
const version = (revision: number): SnapshotVersion => ({ revision, overlay: 0, endpoints: 0 })

/** Snapshots of equal `content` have equal hashes. */
function snapshot(revision: number, content: string): Snapshot {
  const part = encodePart({ type: 'endpoints', name: content, endpoints: [] })
  return buildSnapshot(version(revision), [part])
}

/** `update <base>`: what kind of message, and from what. */
function told(push: Push): string {
  return push.kind === 'update' ? `update from ${push.base.kind}` : push.kind
}

const old = snapshot(1, 'old')
const target = snapshot(2, 'new')

describe('PushState at a Hello', () => {
  it.each<[string, { hash: string; version: SnapshotVersion }, Snapshot | undefined, string]>([
    ['of an agent with nothing', { hash: '', version: NO_VERSION }, undefined, 'update from nothing'],
    ['with a known hash', { hash: old.hash, version: version(1) }, old, 'update from snapshot'],
    ['with an unknown hash', { hash: old.hash, version: version(1) }, undefined, 'request-inventory'],
    ['with the target', { hash: target.hash, version: version(2) }, undefined, 'none'],
    [
      'with the target under an older number',
      { hash: target.hash, version: version(1) },
      undefined,
      'update from snapshot',
    ],
    ['with a higher number', { hash: old.hash, version: version(9) }, old, 'update from nothing'],
    [
      'with the target under a higher number',
      { hash: target.hash, version: version(9) },
      target,
      'update from nothing',
    ],
    [
      'with no hash but a higher number, as after a resync',
      { hash: '', version: version(9) },
      undefined,
      'update from nothing',
    ],
  ])('%s', (_, hello, known, expected) => {
    expect(told(new PushState(hello, known).next(target))).toBe(expected)
  })
})

describe('PushState', () => {
  const fresh = () => new PushState({ hash: '', version: NO_VERSION }, undefined)

  it('has one message in flight, and then goes to the newest', () => {
    const state = fresh()
    state.next(old)
    expect(told(state.next(snapshot(2, 'skipped')))).toBe('none')
    expect(state.acked(old.hash)).toBe(true)
    expect(state.next(target)).toEqual({ kind: 'update', base: { kind: 'snapshot', snapshot: old }, target })
  })

  it('ignores answers to what it has not sent', () => {
    const state = fresh()
    expect([state.acked(old.hash), state.nacked(old.hash, 'x', at), state.inventory(new Map())]).toEqual([
      false,
      false,
      false,
    ])
    state.next(old)
    expect(state.acked(target.hash)).toBe(false)
    expect(state.idle).toBe(false)
    expect(state.running).toEqual(NO_VERSION)
  })

  it('builds on the inventory that it asked for', () => {
    const state = new PushState({ hash: old.hash, version: version(1) }, undefined)
    state.next(target)
    expect(told(state.next(target))).toBe('none')
    const parts = new Map([...old.parts].map(([key, { hash }]) => [key, hash]))
    expect(state.inventory(parts)).toBe(true)
    expect(state.next(target)).toEqual({ kind: 'update', base: { kind: 'inventory', parts }, target })
  })

  it('does not send again what was refused, under whatever number, until something else is wanted', () => {
    const state = fresh()
    state.next(old)
    state.acked(old.hash)
    state.next(target)
    state.nacked(target.hash, 'bad', at)
    expect(told(state.next(target))).toBe('none')
    expect(told(state.next(snapshot(3, 'new')))).toBe('none')
    expect(state.refusal).toEqual({ version: version(3), reason: 'bad', at })
    expect(state.running).toEqual(version(1))
    expect(told(state.next(snapshot(4, 'other')))).toBe('request-inventory')
    expect(state.refusal).toBeNull()
  })

  it('needs no inventory to go back to what the agent kept', () => {
    const state = fresh()
    state.next(old)
    state.acked(old.hash)
    state.next(target)
    state.nacked(target.hash, 'bad', at)
    const back = snapshot(3, 'old')
    expect(told(state.next(back))).toBe('update from snapshot')
    state.acked(back.hash)
    expect(told(state.next(back))).toBe('none')
  })
})

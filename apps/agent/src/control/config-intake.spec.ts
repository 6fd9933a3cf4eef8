import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import {
  buildSnapshot,
  compareVersions,
  diffSnapshots,
  encodePart,
  type Snapshot,
  type SnapshotDelta,
} from '@fairlead/core/snapshot'
import { ConfigIntake, type IntakeReplies } from './config-intake.js'

function snapshot(revision: number, ports: readonly number[]): Snapshot {
  const parts = ports.map((port) => {
    const endpoints = [{ address: '127.0.0.1', port, weight: 1, locality: '', workload: '' }]
    return encodePart({ type: 'endpoints', name: `${port}`, endpoints })
  })
  return buildSnapshot({ revision, overlay: 0, endpoints: 0 }, parts)
}

/** What a controller, or a network that repeats and reorders, may bring next. */
interface Step {
  /** Index of the snapshot that the delta starts from; -1: from nothing. */
  readonly base: number
  readonly target: number
  readonly damage: 'none' | 'hash' | 'content'
  /** A new stream begins before it. */
  readonly isNewStream: boolean
  /** Nothing more comes until it has been dealt with. */
  readonly settles: boolean
}

const steps = (count: number): fc.Arbitrary<Step[]> =>
  fc.array(
    fc.record({
      base: fc.integer({ min: -1, max: count - 1 }),
      target: fc.integer({ min: 0, max: count - 1 }),
      damage: fc.constantFrom('none', 'none', 'none', 'hash', 'content'),
      isNewStream: fc.nat(5).map((n) => n === 0),
      settles: fc.boolean(),
    }),
    { maxLength: 20 },
  )

function deltaOf(snapshots: readonly Snapshot[], { base, target, damage }: Step): SnapshotDelta {
  const delta = diffSnapshots(snapshots[base] ?? null, snapshots[target]!)
  if (damage === 'hash') return { ...delta, hash: 'f'.repeat(32) }
  if (damage === 'none') return delta
  return { ...delta, changed: delta.changed.map((part) => ({ ...part, bytes: part.bytes.slice(1) })) }
}

/** Everything in the intake of this test happens in microtasks. */
const settled = () => new Promise((resolve) => setImmediate(resolve))

describe('ConfigIntake', () => {
  it('only ever runs a whole snapshot that was sent, in growing versions within a stream, and persists before it acknowledges', async () => {
    const portSets = fc.array(fc.uniqueArray(fc.integer({ min: 1, max: 6 })), { minLength: 2, maxLength: 6 })
    const scenario = portSets.chain((sets) => fc.tuple(fc.constant(sets), steps(sets.length)))
    await fc.assert(
      fc.asyncProperty(scenario, fc.infiniteStream(fc.boolean()), async ([sets, script], refusals) => {
        const snapshots = sets.map((ports, i) => snapshot(i + 1, ports))
        const known = new Map(snapshots.map((each) => [each.version.revision, each.hash]))
        let persisted: Snapshot | null = null
        let applied: Snapshot[] = []
        const intake = new ConfigIntake({
          initial: null,
          apply: async (next) => {
            if (refusals.next().value) throw new Error('refused')
            applied.push(next)
          },
          persist: async (next) => void (persisted = next),
          onPersistError: () => {},
        })
        const replies: IntakeReplies = {
          ack: (acknowledged) => expect(persisted).toBe(acknowledged),
          nack: (_, reason) => expect(reason).not.toBe(''),
          resync: (reason) => expect(reason).not.toBe(''),
        }
        for (const step of script) {
          if (step.isNewStream) {
            await intake.beginStream()
            applied = []
          }
          intake.receive(deltaOf(snapshots, step), replies)
          if (step.settles) await settled()
        }
        await intake.beginStream()
        for (const each of applied) expect(each.hash).toBe(known.get(each.version.revision))
        for (const [i, each] of applied.slice(1).entries()) {
          expect(compareVersions(each.version, applied[i]!.version)).toBeGreaterThanOrEqual(0)
        }
        expect(intake.running).toBe(persisted)
      }),
      { numRuns: 300 },
    )
  })
})

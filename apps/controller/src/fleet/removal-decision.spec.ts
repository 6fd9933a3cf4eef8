import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { decideRemovals, type RemovalInput } from './removal-decision.js'

const many = (prefix: string, count: number) => Array.from({ length: count }, (_, i) => `${prefix}${i}`)
const silent = (...keys: string[]) => new Map(keys.map((key) => [key, 20_000]))
const later = { uptimeMs: 60_000 }

const cases: readonly (readonly [string, RemovalInput, { remove: string[]; stale: string[] }])[] = [
  [
    'removes nothing in the 60 s after its start, and calls nothing stale',
    { uptimeMs: 59_999, silentForMs: silent('a'), services: [{ served: ['a', 'b'], removedInWindow: 0 }] },
    { remove: [], stale: [] },
  ],
  [
    'leaves alone what has been silent for less than 15 s',
    { ...later, silentForMs: new Map([['a', 14_999]]), services: [{ served: ['a', 'b'], removedInWindow: 0 }] },
    { remove: [], stale: [] },
  ],
  [
    'removes at exactly 15 s of silence',
    { ...later, silentForMs: new Map([['a', 15_000]]), services: [{ served: ['a', 'b'], removedInWindow: 0 }] },
    { remove: ['a'], stale: [] },
  ],
  [
    'keeps the last endpoint',
    { ...later, silentForMs: silent('a'), services: [{ served: ['a'], removedInWindow: 0 }] },
    { remove: [], stale: ['a'] },
  ],
  [
    'removes one of two, though that is more than 30%',
    { ...later, silentForMs: silent('a', 'b'), services: [{ served: ['a', 'b'], removedInWindow: 0 }] },
    { remove: ['a'], stale: ['b'] },
  ],
  [
    'removes three of ten when all are silent',
    {
      ...later,
      silentForMs: silent(...many('w', 10)),
      services: [{ served: many('w', 10), removedInWindow: 0 }],
    },
    { remove: many('w', 3), stale: many('w', 10).slice(3) },
  ],
  [
    'counts what went in this window against the share of what was there before it',
    {
      ...later,
      silentForMs: silent('w2', 'w3'),
      services: [{ served: many('w', 8), removedInWindow: 2 }],
    },
    { remove: ['w2'], stale: ['w3'] },
  ],
  [
    'removes nothing more once the window is used up',
    { ...later, silentForMs: silent('w3'), services: [{ served: many('w', 7), removedInWindow: 3 }] },
    { remove: [], stale: ['w3'] },
  ],
  [
    'takes those first that have been silent longest',
    {
      ...later,
      silentForMs: new Map([
        ['a', 20_000],
        ['b', 30_000],
      ]),
      services: [{ served: ['a', 'b', 'c'], removedInWindow: 0 }],
    },
    { remove: ['b'], stale: ['a'] },
  ],
  [
    'keeps a workload that one of its services cannot spare',
    {
      ...later,
      silentForMs: silent('a'),
      services: [
        { served: many('w', 9).concat('a'), removedInWindow: 0 },
        { served: ['a'], removedInWindow: 0 },
      ],
    },
    { remove: [], stale: ['a'] },
  ],
  [
    'lets go of a workload that no service counts on',
    { ...later, silentForMs: silent('a', 'b'), services: [{ served: ['x'], removedInWindow: 0 }] },
    { remove: ['a', 'b'], stale: [] },
  ],
]

describe('decideRemovals', () => {
  it.each(cases)('%s', (_, input, expected) => {
    expect(decideRemovals(input)).toEqual(expected)
  })

  it('never empties a service, never exceeds its share, and decides on every silent workload once', () => {
    const key = fc.integer({ min: 0, max: 30 }).map((n) => `w${n}`)
    const service = fc.record({
      served: fc.uniqueArray(key, { minLength: 1, maxLength: 20 }),
      removedInWindow: fc.integer({ min: 0, max: 10 }),
    })
    const input = fc.record({
      uptimeMs: fc.constant(60_000),
      silentForMs: fc.array(fc.tuple(key, fc.integer({ min: 0, max: 60_000 }))).map((pairs) => new Map(pairs)),
      services: fc.array(service, { maxLength: 5 }),
    })
    fc.assert(
      fc.property(input, (value) => {
        const { remove, stale } = decideRemovals(value)
        for (const { served, removedInWindow } of value.services) {
          const gone = served.filter((member) => remove.includes(member)).length
          expect(gone).toBeLessThan(served.length)
          const share = Math.max(1, Math.floor((served.length + removedInWindow) * 0.3))
          if (gone > 0) expect(gone + removedInWindow).toBeLessThanOrEqual(share)
        }
        const past = [...value.silentForMs].filter(([, ms]) => ms >= 15_000).map(([each]) => each)
        expect([...remove, ...stale].sort()).toEqual(past.sort())
      }),
    )
  })
})

import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { canonicalJson, keyOf, readResources, type Resource } from '../resources/index.js'
import { applyChanges, diffResources, formatDiff } from './index.js'

const GROUP = 'networking.istio.io/v1'

/** A VirtualService with one route, its destinations as `host: weight`. */
function service(
  name: string,
  weights: Readonly<Record<string, number>>,
  labels?: Readonly<Record<string, string>>,
): Resource {
  const value = {
    apiVersion: GROUP,
    kind: 'VirtualService',
    metadata: { name, namespace: 'prod', ...(labels && { labels }) },
    spec: {
      hosts: [name],
      http: [{ route: Object.entries(weights).map(([host, weight]) => ({ destination: { host }, weight })) }],
    },
  }
  const { documents } = readResources(JSON.stringify(value), { format: 'json', defaultNamespace: 'default' })
  if (!documents[0]?.resource) throw new Error(JSON.stringify(documents[0]?.findings))
  return documents[0].resource
}

describe('diffResources', () => {
  it('names what was created, updated and deleted, by path', () => {
    const before = [service('a', { v1: 95, v2: 5 }), service('b', { v1: 1 })]
    const after = [service('a', { v1: 50, v2: 50 }), service('c', { v1: 1 }, { 'app.io/x': 'y' })]
    expect(diffResources(before, after)).toEqual([
      {
        action: 'updated',
        apiVersion: GROUP,
        kind: 'VirtualService',
        namespace: 'prod',
        name: 'a',
        fields: [
          { path: 'spec.http[0].route[0].weight', from: 95, to: 50 },
          { path: 'spec.http[0].route[1].weight', from: 5, to: 50 },
        ],
      },
      {
        action: 'deleted',
        apiVersion: GROUP,
        kind: 'VirtualService',
        namespace: 'prod',
        name: 'b',
        fields: [{ path: 'spec', from: before[1]?.spec, to: null }],
      },
      {
        action: 'created',
        apiVersion: GROUP,
        kind: 'VirtualService',
        namespace: 'prod',
        name: 'c',
        fields: [
          { path: 'metadata.labels', from: null, to: { 'app.io/x': 'y' } },
          { path: 'spec', from: null, to: after[1]?.spec },
        ],
      },
    ])
  })

  it('says nothing of what the server gives', () => {
    const resource = service('a', { v1: 1 })
    const stored = { ...resource, metadata: { ...resource.metadata, uid: 'u', resourceVersion: '7', generation: 2 } }
    expect(diffResources([resource], new Map([[keyOf(stored), stored]]))).toEqual([])
  })

  it('shows items that were added to or taken from the end of a list as such', () => {
    const [change] = diffResources([service('a', { v1: 1, v2: 1 })], [service('a', { v1: 1 })])
    expect(change?.fields).toEqual([
      { path: 'spec.http[0].route[1]', from: { destination: { host: 'v2' }, weight: 1 }, to: null },
    ])
  })

  it('quotes label keys in paths', () => {
    const [change] = diffResources(
      [service('a', { v1: 1 }, { 'app.io/x': 'y' })],
      [service('a', { v1: 1 }, { 'app.io/x': 'z' })],
    )
    expect(change?.fields).toEqual([{ path: 'metadata.labels["app.io/x"]', from: 'y', to: 'z' }])
  })
})

describe('applyChanges', () => {
  const name = fc.constantFrom('a', 'b', 'c')
  const label = fc.constantFrom('x', 'app.io/x', 'x.y', '1', 'constructor')
  const resource = fc
    .tuple(
      name,
      fc.dictionary(name, fc.integer({ min: 1, max: 3 }), { minKeys: 1 }),
      fc.option(fc.dictionary(label, name)),
    )
    .map(([own, weights, labels]) => service(own, weights, labels ?? undefined))
  const state = fc.uniqueArray(resource, { selector: keyOf, maxLength: 3 })

  it('makes the last state of the first and all diffs between', () => {
    fc.assert(
      fc.property(fc.array(state, { minLength: 1, maxLength: 5 }), (states) => {
        let sum: Iterable<Resource> = states[0] ?? []
        for (let index = 1; index < states.length; index++) {
          // As they travel: through JSON.
          const changes = diffResources(states[index - 1] ?? [], states[index] ?? [])
          sum = applyChanges(sum, JSON.parse(JSON.stringify(changes)) as typeof changes).values()
        }
        const lines = (resources: Iterable<Resource>): string[] => [...resources].map(canonicalJson).sort()
        expect(lines(sum)).toEqual(lines(states[states.length - 1] ?? []))
      }),
      { numRuns: 60 },
    )
  })

  it('refuses changes that were made against other resources', () => {
    const changes = diffResources([service('a', { v1: 1 })], [service('a', { v1: 2 })])
    expect(() => applyChanges([], changes)).toThrow('cannot be updated here')
  })
})

describe('formatDiff', () => {
  it('writes a line for each resource and each field', () => {
    const before = [service('a', { v1: 95, v2: 5 }), service('b', { v1: 1 })]
    const after = [service('a', { v1: 50 }), service('c', { v1: 1 })]
    expect(formatDiff(diffResources(before, after))).toBe(
      `~ VirtualService prod/a
    spec.http[0].route[0].weight: 95 -> 50
    spec.http[0].route[1]: {"destination":{"host":"v2"},"weight":5} -> (none)
- VirtualService prod/b
+ VirtualService prod/c
    spec: {"hosts":["c"],"http":[{"route":[{"destination":{"host":"v1"},"weight":1}]}]}
`,
    )
  })

  it('writes nothing of no changes', () => {
    expect(formatDiff([])).toBe('')
  })
})

import { afterAll, beforeAll, beforeEach, describe, expect, it } from '@jest/globals'
import { type Resource, keyOf } from '@fairlead/core/resources'
import { waitFor } from '@fairlead/testkit'
import { TokenArchive } from '../../access/token-archive.js'
import { TokensRepository } from '../../access/tokens.repository.js'
import type { Database } from '../../database/database.js'
import { loadSettings } from '../../settings/load-settings.js'
import { readArchive } from '../archive-format.js'
import { Archive } from '../archive.js'
import type { Change } from '../commit-plan.js'
import { LiveMeshHead } from '../live-mesh-head.js'
import type { RevisionChange } from '../revision.js'
import { RevisionStore } from '../revision-store.js'
import { RevisionsRepository } from '../revisions.repository.js'

/** A store as one controller has it. */
interface Replica {
  readonly store: RevisionStore
  readonly head: LiveMeshHead
  readonly archive: Archive
  stop(): Promise<void>
}

const info = { author: 'ann', message: 'why', source: 'rest' } as const

/** The promises of the store, for every database that can hold it. `connect` opens one with its schema. */
export function describeStore(name: string, connect: () => Promise<Database>): void {
  describe(`RevisionStore on ${name}`, () => {
    let database: Database
    let replica: Replica

    beforeAll(async () => {
      database = await connect()
    }, 60_000)
    afterAll(async () => {
      await replica?.stop()
      await database?.close()
    })
    beforeEach(async () => {
      await replica?.stop()
      await database.dataSource.query('truncate revision, resource_version, token')
      replica = await replicaOn(database)
    })

    const commit = (...changes: Change[]) => replica.store.commit(changes, info)

    it('gives a created resource its uid, age, generation and version', async () => {
      const { revision } = await commit(put('a', 1))
      const resource = replica.head.current.resources.get(keyOf(serviceEntry('a', 1)))!
      expect(revision).toBe(1)
      expect(resource.metadata).toMatchObject({ resourceVersion: '1', generation: 1 })
      expect(resource.metadata.uid).toMatch(/^[0-9a-f-]{36}$/)
      expect(resource.metadata.creationTimestamp).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/)
    })

    it('makes no revision of what is there already, whatever its key order', async () => {
      await commit(put('a', 1))
      const again: Resource = { ...serviceEntry('a', 1), spec: reversed(serviceEntry('a', 1).spec as object) }
      const outcome = await commit({ key: keyOf(again), desired: again })
      expect(outcome).toMatchObject({ revision: 1, changed: false, steps: [{ action: 'unchanged' }] })
      expect(await replica.store.list({ limit: 10 })).toHaveLength(1)
    })

    it('grows the generation with the spec, not with a label', async () => {
      await commit(put('a', 1))
      await commit(put('a', 2))
      const labelled = serviceEntry('a', 2)
      const { steps } = await commit({
        key: keyOf(labelled),
        desired: { ...labelled, metadata: { ...labelled.metadata, labels: { x: 'y' } } },
      })
      expect(steps[0]!.after!.metadata).toMatchObject({ generation: 2, resourceVersion: '3', labels: { x: 'y' } })
    })

    it('makes all changes or none', async () => {
      await commit(put('a', 1))
      const broken = commit(put('b', 1), { ...put('a', 2), expect: { state: 'absent', otherwise: 'conflict' } })
      await expect(broken).rejects.toMatchObject({ code: 'conflict' })
      expect([...(await replica.store.resources('head')).keys()]).toHaveLength(1)
      expect(replica.head.current.revision).toBe(1)
    })

    it('refuses a change of what was changed meanwhile', async () => {
      await commit(put('a', 1))
      await commit(put('a', 2))
      const stale = { state: { resourceVersion: '1' }, otherwise: 'conflict' } as const
      await expect(commit({ ...put('a', 3), expect: stale })).rejects.toMatchObject({ code: 'conflict' })
      const missing = { state: 'present', otherwise: 'not-found' } as const
      await expect(commit({ ...put('z', 3), expect: missing })).rejects.toMatchObject({ code: 'not-found' })
    })

    it('stores nothing in a dry run, and says what it would do', async () => {
      const outcome = await replica.store.commit([put('a', 1)], info, { dryRun: true })
      expect(outcome).toMatchObject({ revision: 0, changed: true, steps: [{ action: 'created' }] })
      expect(replica.head.current.revision).toBe(0)
      expect(await replica.store.list({ limit: 10 })).toEqual([])
    })

    it('refuses what the database cannot hold, by its path', async () => {
      const bad = serviceEntry('a', 1, 'nul\0nul')
      await expect(commit({ key: keyOf(bad), desired: bad })).rejects.toMatchObject({
        code: 'invalid',
        errors: [{ path: 'spec.hosts[0]' }],
      })
    })

    it('shows every revision as it was', async () => {
      await commit(put('a', 1), put('b', 1))
      await commit(put('a', 2), remove('b'), put('c', 1))
      const ports = async (revision: number) =>
        [...(await replica.store.resources(revision)).values()].map(describeResource).sort()
      expect(await ports(0)).toEqual([])
      expect(await ports(1)).toEqual(['a:1', 'b:1'])
      expect(await ports(2)).toEqual(['a:2', 'c:1'])
      await expect(ports(3)).rejects.toMatchObject({ code: 'not-found' })
      expect(await replica.store.changes(0, 2)).toMatchObject([
        { revision: 1, changes: [{ before: null }, { before: null }] },
        { revision: 2, changes: [{ before: {}, after: {} }, { before: {}, after: null }, { before: null }] },
      ])
    })

    it('rolls back to the state of a revision, uid and age included', async () => {
      await commit(put('a', 1), put('b', 1))
      const then = await replica.store.resources(1)
      await commit(remove('a'), put('b', 2), put('c', 1))
      await commit(put('a', 5))
      const outcome = await replica.store.rollback(1, { author: 'ann', message: 'back' })
      expect(outcome).toMatchObject({ revision: 4, changed: true })
      const now = await replica.store.resources('head')
      expect([...now.keys()].sort()).toEqual([...then.keys()].sort())
      for (const [key, { metadata, spec }] of now) {
        const { uid, creationTimestamp } = then.get(key)!.metadata
        expect(metadata).toMatchObject({ uid, creationTimestamp, resourceVersion: '4' })
        expect(spec).toEqual(then.get(key)!.spec)
      }
      expect(await replica.store.rollback(4, { author: 'ann', message: '' })).toMatchObject({ changed: false })
      expect(await replica.store.revision('head')).toMatchObject({ number: 4, parent: 3, source: 'rollback', deleted: 1 })
    })

    it('lists revisions newest first, and those of one resource', async () => {
      await commit(put('a', 1))
      await commit(put('b', 1))
      await commit(remove('a'))
      const numbers = async (page: Parameters<RevisionStore['list']>[0]) =>
        (await replica.store.list(page)).map(({ number }) => number)
      expect(await numbers({ limit: 2 })).toEqual([3, 2])
      expect(await numbers({ limit: 2, before: 2 })).toEqual([1])
      const [group, kind, namespace, name] = put('a', 1).key.split('/') as [string, string, string, string]
      expect(await numbers({ limit: 9, changed: { group, kind, namespace, name } })).toEqual([3, 1])
    })

    it('shows every follower on every replica each revision once and in order, under concurrent writers', async () => {
      const other = await replicaOn(database)
      const seen: RevisionChange[][] = [[], []]
      replica.head.follow((step) => seen[0]!.push(step))
      other.head.follow((step) => seen[1]!.push(step))
      const write = async (writer: number) => {
        const { store } = writer % 2 === 0 ? replica : other
        for (let n = 1; n <= 10; n++) await store.commit([put(`w${writer}`, n), put('shared', writer * 100 + n)], info)
      }
      await Promise.all(Array.from({ length: 10 }, (_, writer) => write(writer)))
      await waitFor('both heads', () => [replica, other].every(({ head }) => head.current.revision === 100))
      const all = Array.from({ length: 100 }, (_, index) => index + 1)
      for (const steps of seen) {
        expect(steps.map(({ revision }) => revision)).toEqual(all)
        expect(replay(steps)).toEqual([...replica.head.current.resources.values()].map(describeResource).sort())
      }
      expect((await replica.store.list({ limit: 1000 })).map(({ number }) => number)).toEqual(all.reverse())
      await other.stop()
    }, 30_000)

    it('forgets what is older than the kept revisions, and says so', async () => {
      await replica.stop()
      replica = await replicaOn(database, 10)
      await commit(put('old', 1))
      for (let n = 1; n <= 25; n++) await commit(put('a', n))
      await waitFor('retention', async () => (await replica.store.list({ limit: 100 })).length <= 11)
      await expect(replica.store.resources(5)).rejects.toMatchObject({ code: 'gone' })
      await expect(replica.store.changes(5, 26)).rejects.toMatchObject({ code: 'gone' })
      expect([...(await replica.store.resources(20)).values()].map(describeResource).sort()).toEqual(['a:19', 'old:1'])
      const [{ count }] = await database.dataSource.query('select count(*)::int from resource_version')
      expect(count).toBeLessThanOrEqual(12)
    }, 30_000)

    it('moves to an empty store with its history, uids and ages', async () => {
      await commit(put('a', 1), put('b', 1))
      await commit(put('a', 2), remove('b'))
      const lines: unknown[] = []
      await replica.archive.export((line) => Promise.resolve(void lines.push(JSON.parse(JSON.stringify(line)))))
      const before = await replica.store.resources('head')
      await expect(replica.archive.import(await readArchive(from(lines)))).rejects.toMatchObject({ code: 'conflict' })

      await replica.stop()
      await database.dataSource.query('truncate revision, resource_version, token')
      replica = await replicaOn(database)
      await expect(readArchive(from(lines.slice(0, -1)))).rejects.toMatchObject({ code: 'bad-request' })
      const counts = await replica.archive.import(await readArchive(from(lines)))
      expect(counts).toEqual({ revision: 2, resources: 1, revisions: 2, tokens: 0 })
      expect(await replica.store.resources('head')).toEqual(before)
      expect([...(await replica.store.resources(1)).values()].map(describeResource).sort()).toEqual(['a:1', 'b:1'])
      expect((await commit(put('c', 1))).revision).toBe(3)
    })
  })
}

async function replicaOn(database: Database, keepRevisions = 1000): Promise<Replica> {
  const repository = new RevisionsRepository(database)
  const head = new LiveMeshHead(repository)
  const flags = { keepRevisions: String(keepRevisions), stateDir: '/nowhere' }
  const store = new RevisionStore(repository, head, loadSettings({ flags, env: {}, file: null }))
  const archive = new Archive(repository, new TokenArchive(new TokensRepository(database)), head)
  await head.onModuleInit()
  return {
    store,
    head,
    archive,
    stop: async () => {
      await head.onModuleDestroy()
      await store.onModuleDestroy()
    },
  }
}

function serviceEntry(name: string, port: number, host = `${name}.example.com`): Resource {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name, namespace: 'default' },
    spec: { hosts: [host], ports: [{ number: port, name: 'http', protocol: 'HTTP' }], resolution: 'DNS' },
  }
}

function put(name: string, port: number): Change {
  const desired = serviceEntry(name, port)
  return { key: keyOf(desired), desired }
}

function remove(name: string): Change {
  return { key: keyOf(serviceEntry(name, 1)), desired: null }
}

function describeResource({ metadata, spec }: Resource): string {
  return `${metadata.name}:${(spec as { ports: { number: number }[] }).ports[0]!.number}`
}

/** The state that a follower has who only sums up what it saw. */
function replay(steps: readonly RevisionChange[]): string[] {
  const state = new Map<string, Resource>()
  for (const { changes } of steps) {
    for (const { key, before, after } of changes) {
      expect(before ?? undefined).toEqual(state.get(key))
      if (after === null) state.delete(key)
      else state.set(key, after)
    }
  }
  return [...state.values()].map(describeResource).sort()
}

function reversed(object: object): object {
  return Object.fromEntries(Object.entries(object).reverse())
}

async function* from(values: readonly unknown[]): AsyncGenerator<unknown> {
  yield* values
}

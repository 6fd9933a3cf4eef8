import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { keyOf as resourceKey, type Resource } from '@fairlead/core/resources'
import { NO_VERSION } from '@fairlead/core/snapshot'
import { waitFor } from '@fairlead/testkit'
import { Logger } from '@nestjs/common'
import type { HeadState, MeshHead } from '../revisions/mesh-head.js'
import type { Registration } from './agent-record.js'
import type { LiveSession } from './live-session.js'
import { Registry } from './registry.js'
import { SilenceWatch } from './silence-watch.js'
import { FakeClock } from './testdata/fake-clock.js'
import { MemoryStore } from './testdata/memory-store.js'

class Session implements LiveSession {
  isSuperseded = false
  undrains = 0

  constructor(readonly instanceEpoch = 1) {}

  status(): ReturnType<LiveSession['status']> {
    return { sync: 'SYNCED', version: NO_VERSION, target: NO_VERSION, nack: null }
  }

  supersede(): void {
    this.isSuperseded = true
  }

  announceUndrain(): void {
    this.undrains++
  }
}

function registration(name: string, change: Partial<Registration> = {}): Registration {
  return {
    namespace: 'default',
    name,
    labels: { app: 'web' },
    role: 'sidecar',
    address: '10.0.0.7',
    locality: '',
    inbound: [{ bindAddress: '0.0.0.0', bindPort: 15006, applicationPort: 8080, applicationAddress: '127.0.0.1' }],
    agentVersion: '0.1.0',
    instanceEpoch: 1,
    ...change,
  }
}

const web: Resource = {
  apiVersion: 'networking.istio.io/v1',
  kind: 'ServiceEntry',
  metadata: { name: 'web', namespace: 'default' },
  spec: { hosts: ['web.default'], workloadSelector: { labels: { app: 'web' } } },
}
const head: HeadState = { revision: 1, resources: new Map([[resourceKey(web), web]]) }

let store: MemoryStore
let clock: FakeClock
let registry: Registry
let silence: SilenceWatch

beforeEach(async () => {
  Logger.overrideLogger(false)
  store = new MemoryStore()
  clock = new FakeClock()
  await start()
})
afterEach(stop)

async function start(): Promise<void> {
  registry = new Registry(store, clock)
  await registry.onModuleInit()
  silence = new SilenceWatch(registry, { current: head } as MeshHead, clock)
  silence.onModuleInit()
}

async function stop(): Promise<void> {
  silence.onModuleDestroy()
  await registry.beforeApplicationShutdown()
}

async function join(name: string, change: Partial<Registration> = {}): Promise<Session> {
  const session = new Session(change.instanceEpoch)
  registry.connect(registration(name, change), NO_VERSION, session)
  await registry.saved()
  return session
}

const names = () => registry.current.workloads.map((workload) => workload.name)
const presences = () => registry.list().map(({ record }) => record.presence)

async function joinAndLose(...all: string[]): Promise<void> {
  for (const name of all) registry.disconnect(`default/${name}`, await join(name))
}

describe('Registry', () => {
  it('serves a workload with the ports of its agent', async () => {
    await join('a')
    expect(registry.current).toMatchObject({ version: 1, workloads: [{ name: 'a', address: '10.0.0.7' }] })
    expect([...registry.current.workloads[0]!.ports]).toEqual([[8080, 15006]])
  })

  it('makes one set, under one number, of all that happens in a turn', async () => {
    const versions: number[] = []
    registry.subscribe(({ version }) => versions.push(version))
    for (const name of ['a', 'b', 'c']) registry.connect(registration(name), NO_VERSION, new Session())
    await waitFor('the set', () => versions.length > 0)
    await registry.saved()
    expect([versions, names(), store.saves]).toEqual([[1], ['a', 'b', 'c'], 1])
  })

  it('keeps the number where others would see no difference', async () => {
    registry.disconnect('default/a', await join('a'))
    await join('a', { instanceEpoch: 2, agentVersion: '0.2.0' })
    expect(registry.current.version).toBe(1)
    await join('a', { instanceEpoch: 3, address: '10.0.0.8' })
    expect(registry.current.version).toBe(2)
  })

  it('goes on from the highest number that an agent has seen, but not from nonsense', async () => {
    registry.connect(registration('a'), { ...NO_VERSION, endpoints: 41 }, new Session())
    await registry.saved()
    expect([registry.current.version, store.endpointsVersion]).toEqual([42, 42])
    registry.connect(registration('b'), { ...NO_VERSION, endpoints: Number.MAX_SAFE_INTEGER }, new Session())
    await registry.saved()
    expect(registry.current.version).toBe(43)
  })

  it('remembers endpoints, drains and the number over a restart', async () => {
    await join('a')
    await join('b')
    await registry.drain('default/b', 'operator')
    const { version } = registry.current
    await stop()
    await start()
    expect(names()).toEqual(['a'])
    expect([...registry.current.draining]).toEqual(['default/b'])
    expect(registry.current.version).toBe(version)
    await join('c')
    expect(registry.current.version).toBe(version + 1)
  })

  it('lets the newest instance speak, and refuses an older one', async () => {
    const first = await join('a', { instanceEpoch: 1 })
    const second = await join('a', { instanceEpoch: 2 })
    expect([first.isSuperseded, second.isSuperseded]).toEqual([true, false])
    await expect(join('a', { instanceEpoch: 1 })).rejects.toMatchObject({ reason: 'superseded' })
    registry.goodbye('default/a', first)
    registry.disconnect('default/a', first)
    expect(registry.get('default/a')).toMatchObject({ connected: true, record: { presence: 'ready' } })
  })

  it('withdraws at once on a drain and on a Goodbye, though it is the last and the database is away', async () => {
    const [a] = [await join('a'), await join('b')]
    store.failure = new Error('away')
    await expect(registry.drain('default/b', 'operator')).rejects.toThrow('away')
    expect(names()).toEqual(['a'])
    registry.goodbye('default/a', a)
    await waitFor('the endpoint to go', () => names().length === 0)
    store.failure = null
    await waitFor('the write to be tried again', () => store.agents.get('default/a')?.presence === 'removed')
    expect(store.agents.get('default/b')?.drain).toBe('operator')
    expect(store.endpointsVersion).toBe(registry.current.version)
  })

  it('tells an agent of an undrain that it has missed', async () => {
    registry.disconnect('default/a', await join('a'))
    await registry.drain('default/a', 'operator')
    await registry.undrain('default/a')
    expect((await join('a')).undrains).toBe(1)
    expect((await join('a')).undrains).toBe(0)
  })

  it('forgets only what is not connected', async () => {
    const session = await join('a')
    await registry.forget('default/a')
    expect(registry.list()).toHaveLength(1)
    registry.disconnect('default/a', session)
    await registry.forget('default/a')
    expect([registry.list(), names(), store.agents.size]).toEqual([[], [], 0])
  })
})

describe('SilenceWatch', () => {
  it('removes by silence after the grace, one of two, and never the last', async () => {
    await joinAndLose('a', 'b')
    clock.advance(59_000)
    silence.tick()
    expect(presences()).toEqual(['ready', 'ready'])
    clock.advance(1_000)
    silence.tick()
    expect(presences()).toEqual(['removed', 'stale'])
    await registry.saved()
    expect(names()).toEqual(['b'])
    clock.advance(600_000)
    silence.tick()
    expect(presences()).toEqual(['removed', 'stale'])
  })

  it('removes 30% in a window, and more in the next', async () => {
    const all = Array.from({ length: 10 }, (_, i) => `w${i}`)
    await joinAndLose(...all)
    const served = async () => {
      silence.tick()
      await registry.saved()
      return names().length
    }
    clock.advance(60_000)
    expect(await served()).toBe(7)
    clock.advance(59_000)
    expect(await served()).toBe(7)
    clock.advance(1_000)
    expect(await served()).toBe(5)
  })

  it('gives every agent a new grace after a restart of the controller', async () => {
    await join('a')
    await join('b')
    await stop()
    clock.advance(3_600_000)
    await start()
    silence.tick()
    clock.advance(59_999)
    silence.tick()
    expect(presences()).toEqual(['ready', 'ready'])
  })

  it('brings a removed workload back when its agent does', async () => {
    await joinAndLose('a', 'b')
    clock.advance(60_000)
    silence.tick()
    await join('a')
    await join('b')
    expect([presences(), names()]).toEqual([
      ['ready', 'ready'],
      ['a', 'b'],
    ])
  })
})

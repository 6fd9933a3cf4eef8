import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { waitFor } from '@fairlead/testkit'
import { status } from '@grpc/grpc-js'
import { type AgentOptions, TestAgent } from './testdata/agent.js'
import { startController, type TestController } from './testdata/controller.js'
import { FakeCompiler, virtualService } from './testdata/fakes.js'

let compiler: FakeCompiler
let controller: TestController
let agents: TestAgent[]

beforeEach(async () => {
  agents = []
  compiler = new FakeCompiler()
  controller = await startController({ compiler })
})
afterEach(async () => {
  for (const agent of agents) agent.kill()
  await controller.close()
})

function connect(options?: AgentOptions): TestAgent {
  const agent = new TestAgent(controller.port, options)
  agents.push(agent)
  return agent
}

const ended = (agent: TestAgent) => waitFor('the stream to end', () => agent.status)
const syncOf = (name: string) => {
  const state = controller.registry.get(`default/${name}`)
  return state?.connected ? state.status?.sync : undefined
}
const synced = (...names: string[]) =>
  waitFor(`${names.join(', ')} to be in sync`, () => names.every((name) => syncOf(name) === 'SYNCED'))
const gone = (name: string) =>
  waitFor(`the stream of ${name} to be gone`, () => controller.registry.get(`default/${name}`)?.connected === false)

describe('the config stream at its start', () => {
  it.each([
    ['no token', { token: null }, status.UNAUTHENTICATED, /join token/],
    ['a wrong token', { token: 'wrong' }, status.UNAUTHENTICATED, /join token/],
    [
      'a namespace that the token does not grant',
      { namespace: 'other' },
      status.PERMISSION_DENIED,
      /"default", not "other"/,
    ],
    ['a label that the token requires missing', { token: 'web-only', labels: {} }, status.PERMISSION_DENIED, /app=web/],
    ['a name that is no DNS-1123 subdomain', { name: 'A_b' }, status.INVALID_ARGUMENT, /^name: "A_b"/],
    ['an address that nobody can reach', { address: '0.0.0.0' }, status.INVALID_ARGUMENT, /^address:/],
    ['a port out of range', { ports: { 8080: 70_000 } }, status.INVALID_ARGUMENT, /^inbound\[0\]\.bind_port: 70000/],
  ] as const)('refuses %s', async (_, options, code, details) => {
    const { code: actual, details: text } = await ended(connect(options))
    expect(actual).toBe(code)
    expect(text).toMatch(details)
    expect(controller.registry.list()).toEqual([])
  })

  it('refuses an unauthenticated peer before it has said anything', async () => {
    expect(await ended(connect({ token: null, sayHello: false }))).toMatchObject({ code: status.UNAUTHENTICATED })
  })

  it('refuses another first message than Hello', async () => {
    const agent = connect({ sayHello: false })
    agent.send({ $case: 'goodbye', value: {} })
    expect(await ended(agent)).toMatchObject({ code: status.INVALID_ARGUMENT, details: /Hello/ })
  })

  it('gives an agent that has nothing everything', async () => {
    controller.head.commit(virtualService('reviews', 'one'))
    const agent = connect()
    await synced('a')
    expect(agent.version).toEqual({ revision: 1, overlay: 0, endpoints: 1 })
    expect([...agent.snapshot!.parts.keys()]).toEqual(['endpoints/all', 'routes/reviews'])
    expect(agent.endpoints).toEqual(['default/a'])
  })

  it('sends nothing to an agent that runs the newest state, and keeps it', async () => {
    controller.head.commit(virtualService('reviews', 'one'))
    const before = connect()
    await synced('a')
    before.kill()
    await gone('a')

    const after = connect({ snapshot: before.snapshot })
    await synced('a')
    expect(after.updates).toEqual([])
    controller.head.commit(virtualService('reviews', 'two'))
    await waitFor('the next revision', () => after.version.revision === 2)
    expect(after.updates).toHaveLength(1)
  })
})

describe('the config stream of an admitted agent', () => {
  it('carries only what has changed', async () => {
    controller.head.commit(virtualService('reviews', 'one'), virtualService('ratings', 'one'))
    const agent = connect()
    await synced('a')
    controller.head.commit(virtualService('reviews', 'two'))
    await waitFor('the next revision', () => agent.version.revision === 2)
    const delta = agent.updates.at(-1)!
    expect(delta.changed.map(({ key }) => key)).toEqual(['routes/reviews'])
    expect(delta.removed).toEqual(['routes/ratings'])
    expect(delta.baseHash).not.toBe('')
  })

  it('carries the number of a revision that changes nothing for the agent', async () => {
    controller.head.commit(virtualService('reviews', 'one'))
    const agent = connect()
    await synced('a')
    controller.head.commit(virtualService('reviews', 'one'))
    await waitFor('the next revision', () => agent.version.revision === 2)
    expect(agent.updates.at(-1)).toMatchObject({ changed: [], removed: [], baseHash: agent.snapshot!.hash })
  })

  it('tells each agent of the endpoints of all', async () => {
    const [a, b] = [connect({ name: 'a' }), connect({ name: 'b' })]
    await waitFor('both', () => [a, b].every((agent) => agent.endpoints.join() === 'default/a,default/b'))
  })

  it('keeps a refusal with its reason, does not send the same again, and sends what repairs it', async () => {
    controller.head.commit(virtualService('reviews', 'one'))
    const agent = connect()
    await synced('a')
    agent.refuse = 'cluster x: bad regex'
    controller.head.commit(virtualService('reviews', 'bad'))
    await waitFor('the refusal', () => syncOf('a') === 'NACK')
    const state = controller.registry.get('default/a')!.status!
    expect(state).toMatchObject({
      version: { revision: 1 },
      target: { revision: 2 },
      nack: { version: { revision: 2 }, reason: 'cluster x: bad regex' },
    })

    agent.refuse = null
    const sent = agent.updates.length
    controller.head.commit(virtualService('reviews', 'bad'))
    await waitFor('the refusal to move on', () => {
      return controller.registry.get('default/a')!.status!.nack?.version.revision === 3
    })
    expect(agent.updates).toHaveLength(sent)

    controller.head.commit(virtualService('reviews', 'good'))
    await synced('a')
    expect(agent.version.revision).toBe(4)
    expect(agent.inventoryRequests).toBe(1)
    expect(agent.updates.at(-1)!.changed.map(({ key }) => key)).toEqual(['routes/reviews'])
  })

  it('asks for the inventory where it does not know the hash, and sends a delta', async () => {
    controller.head.commit(virtualService('reviews', 'one'), virtualService('ratings', 'one'))
    const before = connect()
    await synced('a')
    before.kill()
    await controller.close()
    controller = await startController(controller)
    controller.head.commit(virtualService('reviews', 'two'), virtualService('ratings', 'one'))

    const after = connect({ snapshot: before.snapshot })
    await synced('a')
    expect(after.inventoryRequests).toBe(1)
    expect(after.updates.map(({ changed }) => changed.map(({ key }) => key))).toEqual([['routes/reviews']])
  })

  it('takes an agent with higher numbers back by a full snapshot, and numbers endpoints on from its', async () => {
    controller.head.commit(virtualService('reviews', 'one'))
    const before = connect()
    await synced('a')
    before.kill()
    await gone('a')
    const version = { revision: 9, overlay: 0, endpoints: 40 }
    const after = connect({ snapshot: { ...before.snapshot!, version } })
    await synced('a')
    expect(after.updates[0]).toMatchObject({ baseHash: '' })
    expect(after.version).toEqual({ revision: 1, overlay: 0, endpoints: 41 })
  })

  it('keeps agents and their streams when a state cannot be compiled, and goes on with the next', async () => {
    const agent = connect()
    await synced('a')
    compiler.failure = new Error('a compiler bug')
    controller.head.commit(virtualService('reviews', 'one'))
    await waitFor('the state to be tried', () => compiler.failures === 1)
    expect([syncOf('a'), agent.status]).toEqual(['STALE', null])
    compiler.failure = null
    controller.head.commit(virtualService('reviews', 'two'))
    await synced('a')
    expect(agent.version.revision).toBe(2)
  })

  it('gives a reader that does not answer the newest state, and no backlog', async () => {
    const [slow, fast] = [connect({ name: 'slow' }), connect({ name: 'fast' })]
    await synced('slow', 'fast')
    slow.answer = false
    for (let revision = 1; revision <= 20; revision++) {
      controller.head.commit(virtualService('reviews', `${revision}`))
      await waitFor(`revision ${revision}`, () => fast.version.revision === revision)
    }
    await waitFor('one message', () => slow.version.revision === 1)
    const before = slow.updates.length
    expect(syncOf('slow')).toBe('STALE')
    slow.answer = true
    const { hash, version } = slow.updates.at(-1)!
    slow.send({ $case: 'ack', value: { hash, version } })
    await synced('slow')
    expect(slow.version.revision).toBe(20)
    expect(slow.updates).toHaveLength(before + 1)
  })

  it('is not held up by an agent that never reads', async () => {
    const [stuck, fast] = [connect({ name: 'stuck' }), connect({ name: 'fast' })]
    await synced('stuck', 'fast')
    stuck.pause()
    const megabyte = 'x'.repeat(1 << 20)
    for (let revision = 1; revision <= 10; revision++) {
      controller.head.commit(virtualService('reviews', `${revision}${megabyte}`))
      await waitFor(`revision ${revision}`, () => fast.version.revision === revision)
    }
    expect(syncOf('stuck')).toBe('STALE')
    stuck.resume()
    await synced('stuck')
    // The one that was under way when it stopped reading, and the newest.
    expect(stuck.updates.filter(({ changed }) => changed.some(({ key }) => key === 'routes/reviews'))).toHaveLength(2)
  })
})

describe('an agent that misbehaves', () => {
  it('gets one answer to all its requests while it does not read', async () => {
    const agent = connect()
    await synced('a')
    agent.pause()
    // Fills the stream, so that nothing more goes out.
    controller.head.commit(virtualService('reviews', 'x'.repeat(8 << 20)))
    await waitFor('the update to be under way', () => syncOf('a') === 'STALE')
    for (let i = 0; i < 400; i++) agent.send({ $case: 'workload', value: { draining: i % 2 === 0 } })
    await waitFor('all to be read', () => agent.isFlushed)
    agent.resume()
    await synced('a')
    await waitFor('the last word', () => agent.drains.at(-1) === false)
    expect(agent.drains.length).toBeLessThan(50)
  })

  it('is read slowly when it floods, and still served', async () => {
    const [flooding, other] = [connect({ name: 'a' }), connect({ name: 'b' })]
    await synced('a', 'b')
    const { hash, version } = flooding.updates.at(-1)!
    for (let i = 0; i < 600; i++) flooding.send({ $case: 'ack', value: { hash, version } })
    controller.head.commit(virtualService('reviews', 'one'))
    await waitFor('the other one', () => other.version.revision === 1)
    await synced('a')
  })
})

describe('two streams of one agent', () => {
  it.each([
    ['a higher epoch', 2],
    ['the same epoch, as after a lost connection', 1],
  ])('let one with %s take over, and tell the older', async (_, epoch) => {
    const older = connect({ epoch: 1 })
    await synced('a')
    const newer = connect({ epoch })
    expect(await ended(older)).toMatchObject({ code: status.ALREADY_EXISTS })
    await waitFor('the newer one to be served', () => newer.updates.length > 0)
    await synced('a')
    expect(newer.status).toBeNull()
    expect(controller.registry.get('default/a')).toMatchObject({ connected: true, record: { instanceEpoch: epoch } })
  })

  it('refuse one with a lower epoch', async () => {
    const newer = connect({ epoch: 2 })
    await synced('a')
    expect(await ended(connect({ epoch: 1 }))).toMatchObject({
      code: status.ALREADY_EXISTS,
      details: 'a newer instance of agent default/a is connected',
    })
    expect(newer.status).toBeNull()
  })
})

describe('the end of a config stream', () => {
  it('leaves the endpoint when the agent was killed', async () => {
    const [a, b] = [connect({ name: 'a' }), connect({ name: 'b' })]
    await synced('a', 'b')
    b.kill()
    await gone('b')
    controller.head.commit(virtualService('reviews', 'one'))
    await waitFor('the revision', () => a.version.revision === 1)
    expect(a.endpoints).toEqual(['default/a', 'default/b'])
  })

  it('takes the endpoint at a Goodbye, also the last of its service', async () => {
    const [a, b] = [connect({ name: 'a' }), connect({ name: 'b' })]
    await synced('a', 'b')
    b.send({ $case: 'goodbye', value: {} })
    b.halfClose()
    expect(await ended(b)).toMatchObject({ code: status.OK })
    expect(a.endpoints).toEqual(['default/a'])
    expect(controller.store.agents.get('default/b')?.presence).toBe('removed')
  })

  it('says UNAVAILABLE when the controller stops, and keeps every endpoint over the restart', async () => {
    const agent = connect()
    await synced('a')
    const { endpoints } = agent.version
    await controller.close()
    expect(await ended(agent)).toMatchObject({ code: status.UNAVAILABLE })

    controller = await startController(controller)
    const other = connect({ name: 'b' })
    await synced('b')
    expect(other.endpoints).toEqual(['default/a', 'default/b'])
    expect(other.version.endpoints).toBeGreaterThan(endpoints)
    controller.clock.advance(59_000)
    controller.silence.tick()
    expect(controller.registry.get('default/a')?.record.presence).toBe('ready')
  })
})

describe('draining', () => {
  const post = (path: string) =>
    fetch(`${controller.rest}/apis/fairlead.io/v1/namespaces/default/agents/${path}`, { method: 'POST' })

  it('withdraws the endpoint, then tells the agent, and brings it back', async () => {
    const [a, b] = [connect({ name: 'a' }), connect({ name: 'b' })]
    await synced('a', 'b')
    const whenTold = waitFor('the agent to be told', () => (b.drains.length > 0 ? a.endpoints : null))
    const answer = await post('b/drain')
    expect([answer.status, await answer.json()]).toEqual([
      200,
      expect.objectContaining({ status: expect.objectContaining({ draining: true, endpoint: 'draining' }) }),
    ])
    expect(await whenTold).toEqual(['default/a'])
    expect(b.drains).toEqual([true])

    await post('b/undrain')
    await waitFor('the endpoint to be back', () => a.endpoints.join() === 'default/a,default/b')
    expect(b.drains).toEqual([true, false])
  })

  it('does not wait for ever for an agent that acknowledges nothing', async () => {
    const [a, b] = [connect({ name: 'a' }), connect({ name: 'b' })]
    await synced('a', 'b')
    a.answer = false
    await post('b/drain')
    await waitFor('the agent to be told', () => b.drains.length === 1)
  })

  it('follows the agent itself', async () => {
    const [a, b] = [connect({ name: 'a' }), connect({ name: 'b' })]
    await synced('a', 'b')
    b.send({ $case: 'workload', value: { draining: true } })
    await waitFor('the answer', () => b.drains.length === 1)
    expect(a.endpoints).toEqual(['default/a'])
    b.send({ $case: 'workload', value: { draining: false } })
    await waitFor('the endpoint to be back', () => a.endpoints.length === 2)
    await waitFor('the answer', () => b.drains.length === 2)
    expect(b.drains).toEqual([true, false])
  })

  it('lasts over a restart of the agent when an operator asked for it, and not when the agent did', async () => {
    connect({ name: 'a', epoch: 1 })
    connect({ name: 'b', epoch: 1 }).send({ $case: 'workload', value: { draining: true } })
    await waitFor('the agent', () => controller.registry.get('default/a') !== null)
    await post('a/drain')
    await waitFor('both to drain', () => controller.registry.current.draining.size === 2)
    const [a, b] = [connect({ name: 'a', epoch: 2 }), connect({ name: 'b', epoch: 2 })]
    await waitFor('the endpoint of b', () => b.endpoints.join() === 'default/b')
    expect([a.drains, b.drains]).toEqual([[true], []])
  })
})

describe('the agents resource', () => {
  const url = (path: string) => `${controller.rest}/apis/fairlead.io/v1/${path}`

  it('shows agents with their state, and forgets those that are gone', async () => {
    controller.head.commit(virtualService('reviews', 'one'))
    const agent = connect()
    await synced('a')
    const list = (await (await fetch(url('agents'))).json()) as { kind: string; items: unknown[] }
    expect(list).toMatchObject({ kind: 'AgentList' })
    expect(list.items).toEqual([
      expect.objectContaining({
        kind: 'Agent',
        spec: {
          role: 'sidecar',
          address: '127.0.0.1',
          locality: '',
          inbound: [{ bindAddress: '0.0.0.0', bindPort: 15006, applicationPort: 8080 }],
        },
        status: expect.objectContaining({
          connected: true,
          sync: 'SYNCED',
          version: { revision: 1, overlay: 0, endpoints: 1 },
          target: { revision: 1, overlay: 0, endpoints: 1 },
          nack: null,
          endpoint: 'ready',
        }),
      }),
    ])

    expect((await fetch(url('namespaces/default/agents/a'), { method: 'DELETE' })).status).toBe(409)
    expect((await fetch(url('namespaces/other/agents/a'))).status).toBe(404)
    expect((await fetch(url('namespaces/default/agents/b/drain'), { method: 'POST' })).status).toBe(404)
    expect(await (await fetch(url('namespaces/other/agents'))).json()).toMatchObject({ items: [] })

    agent.kill()
    await gone('a')
    const shown = (await (await fetch(url('namespaces/default/agents/a'))).json()) as { status: object }
    expect(shown.status).toMatchObject({ connected: false, sync: 'DISCONNECTED', version: { revision: 1 } })
    expect((await fetch(url('namespaces/default/agents/a'), { method: 'DELETE' })).status).toBe(200)
    expect(controller.registry.list()).toEqual([])
    expect(controller.store.agents.size).toBe(0)
  })
})

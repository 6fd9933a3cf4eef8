import { once } from 'node:events'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import { createServer, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { status } from '@grpc/grpc-js'
import { buildSnapshot, encodePart, type Part, type RouteAction, type Snapshot } from '@fairlead/core/snapshot'
import {
  startScriptedController,
  tempFolder,
  waitFor,
  type AgentStream,
  type Child,
  type ScriptedController,
  type TempFolder,
} from '@fairlead/testkit'
import { admin, call, fileOf, killAgents, ready, refuses, startAgentProcess } from './agent-process.js'

/** One service, `reviews`, on port 80, with this action for every request. */
function snapshot(revision: number, action: RouteAction, ...more: readonly Part[]): Snapshot {
  const parts: readonly Part[] = [
    {
      type: 'listener',
      name: 'outbound|80',
      direction: 'outbound',
      address: null,
      port: 80,
      filterChains: [{ name: 'outbound|80', match: {}, http: { routeConfig: '80' } }],
    },
    {
      type: 'routes',
      name: '80',
      unknownHost: 'not-found',
      virtualHosts: [{ name: 'reviews:80', domains: ['reviews'], routes: [{ name: 'all', match: {}, action }] }],
    },
    ...more,
  ]
  return buildSnapshot({ revision, overlay: 0, endpoints: 0 }, parts.map(encodePart))
}

/** Every request is answered with the number of the revision. */
function answering(revision: number): Snapshot {
  const body = Buffer.from(String(revision)).toString('base64')
  return snapshot(revision, { kind: 'direct-response', status: 200, body })
}

function forwardingTo(port: number): Snapshot {
  const name = 'outbound|80||reviews'
  const endpoint = { address: '127.0.0.1', port, weight: 1, locality: '', workload: '' }
  return snapshot(
    1,
    { kind: 'forward', clusters: [{ cluster: name, weight: 1 }] },
    {
      type: 'cluster',
      name,
      direction: 'outbound',
      service: { host: 'reviews', port: 80, subset: '' },
      discovery: 'endpoints',
      loadBalancer: 'RANDOM',
      connectTimeoutMs: 1000,
    },
    { type: 'endpoints', name, endpoints: [endpoint] },
  )
}

describe('fairlead-agent with a controller', () => {
  let folder: TempFolder
  const controllers: ScriptedController[] = []

  beforeEach(async () => {
    folder = await tempFolder('agent')
    writeFileSync(join(folder.path, 'token'), 'the-token')
  })
  afterEach(async () => {
    await killAgents()
    controllers.splice(0).forEach((controller) => controller.close())
    await folder.remove()
  })

  async function controller(options: Parameters<typeof startScriptedController>[0] = {}): Promise<ScriptedController> {
    const started = await startScriptedController(options)
    controllers.push(started)
    return started
  }

  function startAgent(port: number, ...more: readonly string[]): Child {
    const listeners = ['--outbound', '127.0.0.1:0', '--admin', '127.0.0.1:0', '--health', 'none', '--metrics', 'none']
    const source = ['--controller', `127.0.0.1:${port}`, '--token-file', join(folder.path, 'token')]
    return startAgentProcess(...source, ...listeners, '--state-dir', folder.path, '--name', 'client', ...more)
  }

  it('is ready when it has applied its first config, and serves it', async () => {
    const { port, stream } = await controller()
    const { outbound, admin: address } = await ready(startAgent(port))
    expect(await admin(address, '/healthz/ready')).toMatchObject({ status: 503, body: 'no config yet\n' })
    const agent = await stream(0)
    agent.sendSnapshot(null, answering(7))
    await agent.next('ack')
    expect(await admin(address, '/healthz/ready')).toMatchObject({ status: 200 })
    expect(await call(outbound, 'reviews')).toMatchObject({ status: 200, body: '7' })
    expect(JSON.parse((await admin(address, '/server_info')).body)).toMatchObject({
      name: 'client',
      config: { version: '7.0.0', source: 'controller', connected: true, lastError: null },
    })
  })

  it('starts from disk while the controller is away, says so, and goes on when it returns', async () => {
    const first = await controller()
    const before = startAgent(first.port)
    const agent = await first.stream(0)
    agent.sendSnapshot(null, answering(3))
    await agent.next('ack')
    before.kill('SIGKILL')
    await before.exited
    first.close()

    const after = startAgent(first.port)
    const { outbound, admin: address, ...line } = await ready(after)
    expect(line['config']).toBe('3.0.0')
    expect(after.log).toContainEqual(expect.objectContaining({ msg: 'serving last-known-good config', source: 'disk' }))
    expect(await call(outbound, 'reviews')).toMatchObject({ body: '3' })
    expect(JSON.parse((await admin(address, '/server_info')).body)).toMatchObject({ config: { source: 'disk' } })

    const again = await (await controller({ port: first.port })).stream(0)
    expect(again.hello).toMatchObject({ snapshotHash: answering(3).hash })
    expect(again.hello.instanceEpoch).toBeGreaterThan(agent.hello.instanceEpoch)
    again.sendSnapshot(answering(3), answering(4))
    await again.next('ack')
    expect(await call(outbound, 'reviews')).toMatchObject({ body: '4' })
  })

  it('starts from a valid state after kill -9 at any moment of an endless series of updates', async () => {
    const { port, close } = await controller({
      // Each ACK is answered with the next revision.
      onHello: (agent) => void pump(agent).catch(() => {}),
    })
    const sent = { revision: 0 }
    const acknowledged = { revision: 0 }
    async function pump(agent: AgentStream): Promise<void> {
      let base = agent.hello.snapshotHash === '' ? null : answering(Number(agent.hello.version!.revision))
      for (;;) {
        const next = answering(++sent.revision)
        agent.sendSnapshot(base, next)
        acknowledged.revision = Math.max(acknowledged.revision, Number((await agent.next('ack')).version!.revision))
        base = next
      }
    }
    for (let round = 0; round < 8; round++) {
      const agent = startAgent(port)
      const seen = acknowledged.revision
      await waitFor('a few updates', () => acknowledged.revision > seen + 3)
      // Anywhere within an update: each takes a few milliseconds.
      await delay(round)
      agent.kill('SIGKILL')
      await agent.exited
    }
    close()
    const survivor = startAgent(port)
    const { outbound, ...line } = await ready(survivor)
    const revision = Number(String(line['config']).split('.')[0])
    expect(revision).toBeGreaterThanOrEqual(acknowledged.revision)
    expect(revision).toBeLessThanOrEqual(sent.revision)
    expect(await call(outbound, 'reviews')).toMatchObject({ status: 200, body: String(revision) })
  })

  it('sets a damaged last-known-good aside and starts empty', async () => {
    const { port, stream } = await controller()
    const before = startAgent(port)
    const agent = await stream(0)
    agent.sendSnapshot(null, answering(3))
    await agent.next('ack')
    before.kill('SIGKILL')
    await before.exited
    const path = fileOf(folder.path, 'default.client', 'snapshot')
    const bytes = readFileSync(path)
    bytes[bytes.length >> 1]! ^= 1
    writeFileSync(path, bytes)
    const after = startAgent(port)
    await after.line('the damage', ({ msg }) => msg === 'last-known-good config is damaged: starting empty')
    expect((await stream(1)).hello).toMatchObject({ snapshotHash: '' })
    expect(existsSync(`${path}.corrupt`)).toBe(true)
  })

  it('on SIGTERM says Goodbye, finishes what is under way, and exits with 0', async () => {
    const waiting: ServerResponse[] = []
    const upstream = createServer((_, response) => void waiting.push(response)).listen(0, '127.0.0.1')
    await once(upstream, 'listening')
    try {
      const { port, stream } = await controller()
      const child = startAgent(port)
      const { outbound } = await ready(child)
      const agent = await stream(0)
      agent.sendSnapshot(null, forwardingTo((upstream.address() as AddressInfo).port))
      await agent.next('ack')
      const answer = call(outbound, 'reviews')
      const response = await waitFor('the request', () => waiting[0])
      child.kill('SIGTERM')
      await agent.next('goodbye')
      await waitFor('the listener to close', () => refuses(outbound))
      response.end('late, but whole')
      expect(await answer).toMatchObject({ status: 200, body: 'late, but whole' })
      expect(await child.exited).toBe(0)
      expect(existsSync(fileOf(folder.path, 'default.client', 'lock'))).toBe(false)
    } finally {
      upstream.closeAllConnections()
      upstream.close()
    }
  })

  it.each([
    ['when the drain time is over', '1', ['SIGTERM'], 0],
    ['at once at the second signal', '60', ['SIGTERM', 'SIGINT'], 1],
  ] as const)(
    'gives up a request that does not end %s',
    async (_, seconds, signals, code) => {
      let requests = 0
      const upstream = createServer(() => void requests++).listen(0, '127.0.0.1')
      await once(upstream, 'listening')
      try {
        const { port, stream } = await controller()
        const child = startAgent(port, '--drain-seconds', seconds)
        const { outbound } = await ready(child)
        const agent = await stream(0)
        agent.sendSnapshot(null, forwardingTo((upstream.address() as AddressInfo).port))
        await agent.next('ack')
        const cut = call(outbound, 'reviews').catch(() => 'cut')
        await waitFor('the request', () => requests > 0)
        for (const signal of signals) {
          child.kill(signal)
          if (signal === 'SIGTERM') await child.line('the signal', ({ msg }) => msg === 'agent stopping')
        }
        expect(await child.exited).toBe(code)
        expect(await cut).toBe('cut')
      } finally {
        upstream.closeAllConnections()
        upstream.close()
      }
    },
    15_000,
  )

  it('withdraws its endpoint on POST /drain and is not ready until /undrain', async () => {
    const { port, stream } = await controller()
    const { admin: address, outbound } = await ready(startAgent(port))
    const agent = await stream(0)
    agent.sendSnapshot(null, answering(1))
    await agent.next('ack')
    const drained = admin(address, '/drain', 'POST')
    expect(await agent.next('workload')).toEqual({ draining: true })
    agent.send({ $case: 'drain', value: { draining: true } })
    expect(await drained).toMatchObject({ status: 200 })
    expect(await admin(address, '/healthz/ready')).toMatchObject({ status: 503, body: 'draining\n' })
    expect(await call(outbound, 'reviews')).toMatchObject({ body: '1' })
    const undrained = admin(address, '/undrain', 'POST')
    expect(await agent.next('workload')).toEqual({ draining: false })
    agent.send({ $case: 'drain', value: { draining: false } })
    expect(await undrained).toMatchObject({ status: 200 })
    expect(await admin(address, '/healthz/ready')).toMatchObject({ status: 200 })
  })

  it('stops cleanly on POST /quitquitquit', async () => {
    const { port, stream } = await controller()
    const child = startAgent(port)
    const { admin: address } = await ready(child)
    const agent = await stream(0)
    expect(await admin(address, '/quitquitquit', 'POST')).toMatchObject({ status: 200, body: 'OK\n' })
    await agent.next('goodbye')
    expect(await child.exited).toBe(0)
  })

  it('runs on without config while its token is refused, and names the file', async () => {
    const { port } = await controller({ refuse: () => ({ code: status.UNAUTHENTICATED, details: 'no such token' }) })
    const child = startAgent(port)
    const line = await child.line('the refusal', ({ msg }) => msg === 'not connected to the controller')
    const file = join(folder.path, 'token')
    expect(line['reason']).toBe(`the controller refused the join token of ${file}: no such token`)
    const { admin: address } = await ready(child)
    expect(await admin(address, '/healthz/live')).toMatchObject({ status: 200 })
  })

  it('refuses to run twice under one name, in one line', async () => {
    const { port } = await controller()
    const first = startAgent(port)
    await ready(first)
    const second = startAgent(port)
    expect(await second.exited).toBe(1)
    expect(second.stderr()).toBe(
      `fairlead-agent: ${join(folder.path, 'agents/default.client')} is in use by process ${first.pid}\n`,
    )
  })
})

import { connect, createServer, type AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Part, type Route } from '@fairlead/core/snapshot'
import { waitFor } from '@fairlead/testkit'
import { renderPrometheus, renderStats } from '../telemetry/render-stats.js'
import { ApplyError } from './data-plane.js'
import {
  clusterParts,
  endpointAt,
  forward,
  oneService,
  routeParts,
  snapshotOf,
  TestMesh,
} from './testdata/test-mesh.js'

function gatewayParts(port: number, status: number): readonly Part[] {
  const routes: Route[] = [{ name: '', match: {}, action: { kind: 'direct-response', status } }]
  return [
    {
      type: 'listener',
      name: `gateway|127.0.0.1|${port}`,
      direction: 'gateway',
      address: '127.0.0.1',
      port,
      filterChains: [{ name: '', match: {}, http: { routeConfig: `http.${port}` } }],
    },
    {
      type: 'routes',
      name: `http.${port}`,
      unknownHost: 'not-found',
      virtualHosts: [{ name: 'any', domains: ['*'], routes }],
    },
  ]
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return port
}

describe('applying a snapshot', () => {
  let mesh: TestMesh
  afterEach(() => mesh.close())

  /** 50 clients in closed loops until `during` is done. */
  async function underLoad(during: () => Promise<void>): Promise<ReadonlyMap<number, number>> {
    const statuses = new Map<number, number>()
    let isDone = false
    const client = async () => {
      while (!isDone) {
        const { status } = await mesh.call()
        statuses.set(status, (statuses.get(status) ?? 0) + 1)
      }
    }
    const clients = Array.from({ length: 50 }, client)
    await during().finally(() => (isDone = true))
    await Promise.all(clients)
    return statuses
  }

  const requests = () => mesh.stat('http.outbound', 'downstream_rq_total')
  const moreRequests = async (count: number) => {
    const before = requests()
    await waitFor(`${count} requests`, () => requests() >= before + count)
  }

  it('fails no request of 50 clients over 30 swaps of routes and weights', async () => {
    mesh = await TestMesh.start()
    const [v1, v2] = [await mesh.serve((_, r) => r.end('v1')), await mesh.serve((_, r) => r.end('v2'))]
    const partsOf = (weight: number) => {
      const clusters = [
        { cluster: 'v1', weight },
        { cluster: 'v2', weight: 100 - weight },
      ]
      return [...clusterParts('v1', [v1]), ...clusterParts('v2', [v2]), ...routeParts([forward('', { clusters })])]
    }
    await mesh.apply(partsOf(95))
    const statuses = await underLoad(async () => {
      for (let i = 0; i < 30; i++) {
        await mesh.apply(partsOf(i % 2 === 0 ? 50 : 95))
        await moreRequests(60)
      }
    })
    expect([...statuses.keys()]).toEqual([200])
    // No reconnect storm: what a swap does not change keeps its connections.
    expect(mesh.stat('cluster.v1', 'upstream_cx_total')).toBeLessThanOrEqual(50)
  })

  it('fails no request while endpoints come and go', async () => {
    mesh = await TestMesh.start()
    const slow = (body: string) => mesh.serve((_, response) => void setImmediate(() => response.end(body)))
    const [a, b, c] = [await slow('a'), await slow('b'), await slow('c')]
    await mesh.apply(oneService([a, b]))
    const statuses = await underLoad(async () => {
      for (const endpoints of [[a], [a, c], [c], [b], [a, b, c], [b]]) {
        await mesh.apply(oneService(endpoints))
        await moreRequests(200)
      }
    })
    expect([...statuses.keys()]).toEqual([200])
    expect(mesh.plane.views.clusters()).toMatchObject([{ endpoints: [{ port: b.port, weight: 1 }], draining: [] }])
  })

  it('lets requests in flight finish on what they began with, also on a removed endpoint and cluster', async () => {
    mesh = await TestMesh.start()
    let release = () => {}
    const old = await mesh.serve((_, response) => (release = () => response.end('old')))
    await mesh.apply(oneService([old]))
    const inFlight = mesh.call()
    await waitFor('the request to arrive', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 1)
    await mesh.apply(oneService([await mesh.serve((_, response) => response.end('new'))]))
    expect((await mesh.call()).body).toBe('new')
    await mesh.apply(routeParts([]))
    expect((await mesh.call()).status).toBe(404)
    release()
    expect(await inFlight).toMatchObject({ status: 200, body: 'old' })
  })

  it('keeps the old tables and says which part is wrong', async () => {
    mesh = await TestMesh.start()
    const parts = oneService([await mesh.serve((_, response) => response.end('fine'))])
    await mesh.apply(parts)
    const rewrite = { regex: { match: '(', substitution: '' } }
    const failure = mesh.apply([...clusterParts('svc', []), ...routeParts([forward('svc', { rewrite })])])
    await expect(failure).rejects.toThrow(ApplyError)
    await expect(failure).rejects.toThrow(/part routes\/80: .*virtual host svc:80, route 0: .*parsing/)
    expect((await mesh.call()).body).toBe('fine')
    expect(mesh.plane.version).toEqual({ revision: 1, overlay: 0, endpoints: 0 })
  })

  it('refuses bytes that are not what their hash says', async () => {
    mesh = await TestMesh.start()
    const snapshot = snapshotOf(1, routeParts([]))
    const [key, part] = [...snapshot.parts][0]!
    const broken = new Map(snapshot.parts).set(key, { ...part, bytes: part.bytes.slice(1) })
    await expect(mesh.plane.apply({ ...snapshot, parts: broken })).rejects.toThrow(key)
    expect(mesh.plane.version).toBeNull()
  })

  it('waits a bounded time for a name, and takes its answer when it comes', async () => {
    let answer = (_: readonly { address: string }[]) => {}
    const lookup = () => new Promise<readonly { address: string }[]>((resolve) => (answer = resolve))
    mesh = await TestMesh.start({ lookup })
    const upstream = await mesh.serve((_, response) => response.end('late'))
    const endpoints = [{ ...upstream, address: 'late.example' }]
    await mesh.apply([...clusterParts('svc', endpoints, { discovery: 'dns' }), ...routeParts([forward('svc')])])
    expect((await mesh.call()).body).toBe('no healthy upstream')
    answer([{ address: '127.0.0.1' }])
    await waitFor('the endpoint', () => mesh.stat('cluster.svc', 'membership_total') === 1)
    expect((await mesh.call()).body).toBe('late')
  })

  it('compiles a part that did not change only once', async () => {
    mesh = await TestMesh.start()
    const routes = routeParts([forward('svc')])
    await mesh.apply([...clusterParts('svc', [endpointAt(1)]), ...routes])
    const before = (mesh.plane.views.routes() as readonly unknown[])[0]
    await mesh.apply([...clusterParts('svc', [endpointAt(2)]), ...routes])
    expect((mesh.plane.views.routes() as readonly unknown[])[0]).toBe(before)
  })

  describe('with gateway listeners', () => {
    it('opens and closes them with the config, and keeps those that stay', async () => {
      mesh = await TestMesh.start()
      const [first, second] = [await freePort(), await freePort()]
      await mesh.apply(gatewayParts(first, 201))
      expect((await mesh.call({ port: first })).status).toBe(201)
      await mesh.apply([...gatewayParts(first, 202), ...gatewayParts(second, 203)])
      expect([(await mesh.call({ port: first })).status, (await mesh.call({ port: second })).status]).toEqual([
        202, 203,
      ])
      await mesh.apply(gatewayParts(second, 203))
      // The connection that is left gets one more answer, which tells it to go.
      expect(await mesh.call({ port: first })).toMatchObject({ status: 404, headers: { connection: 'close' } })
      await expect(mesh.call({ port: first })).rejects.toThrow('ECONNREFUSED')
      expect((await mesh.call({ port: second })).status).toBe(203)
    })

    it('refuses a config whose port is taken, and binds nothing of it', async () => {
      mesh = await TestMesh.start()
      const taken = await mesh.serve((_, response) => response.end())
      const free = await freePort()
      await expect(mesh.apply([...gatewayParts(free, 200), ...gatewayParts(taken.port, 200)])).rejects.toThrow(
        `part listener/gateway|127.0.0.1|${taken.port}: cannot listen on 127.0.0.1:${taken.port}`,
      )
      await expect(mesh.call({ port: free })).rejects.toThrow('ECONNREFUSED')
    })
  })

  it('closes connections beyond the limit at once, and counts them', async () => {
    mesh = await TestMesh.start({ limits: { connectionsMax: 2 } })
    const sockets = [1, 2, 3].map(() => connect(mesh.port, '127.0.0.1'))
    let closed = 0
    for (const socket of sockets) socket.on('error', () => {}).on('close', () => closed++)
    await waitFor('one to be closed', () => closed === 1)
    expect(mesh.stat('listener.outbound', 'downstream_cx_overflow')).toBe(1)
    expect(mesh.stat('listener.outbound', 'downstream_cx_active')).toBe(2)
    sockets.forEach((socket) => socket.destroy())
    await waitFor('the count to fall', () => mesh.stat('listener.outbound', 'downstream_cx_active') === 0)
  })

  it('on drain stops accepting, finishes what is under way, and says close', async () => {
    mesh = await TestMesh.start()
    let release = () => {}
    const upstream = await mesh.serve((_, response) => (release = () => response.end('done')))
    await mesh.apply(oneService([upstream]))
    const { port } = mesh
    const inFlight = mesh.call()
    await waitFor('the request to arrive', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 1)
    const drained = mesh.plane.drain(10_000)
    await expect(mesh.call({ port })).rejects.toThrow(/ECONNREFUSED|hang up|ECONNRESET/)
    release()
    const answer = await inFlight
    expect([answer.status, answer.headers.connection]).toEqual([200, 'close'])
    await drained
  })

  it('on drain waits no longer than it may', async () => {
    mesh = await TestMesh.start()
    await mesh.apply(oneService([await mesh.serveRaw(() => {})]))
    const hanging = mesh.call()
    await waitFor('the request to arrive', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 1)
    await mesh.plane.drain(20)
    await mesh.plane.close()
    await expect(hanging).rejects.toThrow(/hang up|ECONNRESET/)
  })

  it('shows what runs in views and numbers', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serve((_, response) => response.end())
    await mesh.apply(oneService([upstream]))
    await mesh.call()
    expect(mesh.plane.views.configDump()).toMatchObject({ version: { revision: 1 } })
    expect(mesh.plane.views.listeners()).toMatchObject({ sockets: [{ name: 'outbound', port: mesh.port }] })
    expect(renderStats(mesh.plane.stats)).toMatch(/^cluster\.svc\.upstream_rq_total: 1$/m)
    expect(renderStats(mesh.plane.stats)).toMatch(/^http\.outbound\.downstream_rq_2xx: 1$/m)
    expect(renderPrometheus(mesh.plane.stats)).toMatch(/^fairlead_cluster_upstream_rq_2xx\{cluster="svc"\} 1$/m)
    await mesh.apply(routeParts([]))
    expect(renderStats(mesh.plane.stats)).not.toContain('cluster.svc')
  })
})

import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Endpoint, type ForwardAction } from '@fairlead/core/snapshot'
import { waitFor } from '@fairlead/testkit'
import { oneService, retry, TestMesh } from './testdata/test-mesh.js'

const GET = 'GET / HTTP/1.1\r\nhost: svc\r\n\r\n'
const POST = 'POST / HTTP/1.1\r\nhost: svc\r\ncontent-length: 1000\r\n\r\nstart'
const UPGRADE = GET.replace('\r\n\r\n', '\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n')
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
const HALF = 'HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'

interface Case {
  readonly state: string
  readonly request: string
  readonly upstream: (mesh: TestMesh) => Promise<Endpoint>
  readonly action?: Partial<ForwardAction>
  readonly reached: (mesh: TestMesh, client: Socket) => boolean
}

const answering = (answer: string) => (mesh: TestMesh) =>
  mesh.serveRaw((socket) => void socket.on('data', () => answer !== '' && socket.write(answer)))

const active = (mesh: TestMesh) => mesh.stat('cluster.svc', 'upstream_cx_active')

/** CVE-2021-32781 and its kind: whatever ends while a request is under way must end it once and leave nothing behind. */
describe('a request that ends in the middle', () => {
  let mesh: TestMesh
  afterEach(() => mesh.close())

  const CASES: readonly Case[] = [
    {
      state: 'waiting for a connection',
      request: GET,
      upstream: answering(''),
      reached: () => mesh.stat('cluster.svc', 'upstream_rq_pending_active') === 1,
    },
    { state: 'waiting for the answer', request: GET, upstream: answering(''), reached: () => active(mesh) === 1 },
    { state: 'sending its body', request: POST, upstream: answering(''), reached: () => active(mesh) === 1 },
    {
      state: 'sending its body, kept for a retry',
      request: POST,
      upstream: answering(''),
      action: { retry: retry(['5xx']) },
      reached: () => mesh.stat('http.outbound', 'retained_body_bytes') === 5,
    },
    {
      state: 'backing off',
      request: GET,
      upstream: (m) => m.refuse(),
      action: { retry: retry(['5xx'], { attempts: 1000, backoffBaseMs: 50, backoffMaxMs: 50 }) },
      reached: () => mesh.stat('cluster.svc', 'upstream_rq_retry') > 1,
    },
    {
      state: 'receiving the answer',
      request: GET,
      upstream: answering(HALF),
      reached: (_, client) => client.bytesRead > 0,
    },
    {
      state: 'receiving an early answer',
      request: POST,
      upstream: answering(HALF),
      reached: (_, client) => client.bytesRead > 0,
    },
    {
      state: 'tunnelling',
      request: UPGRADE,
      upstream: answering(SWITCH),
      reached: (_, client) => client.bytesRead > 0,
    },
  ]

  /** One request in this state; at the limit of one connection, which another request holds, where it has to wait. */
  async function reach({ state, request, upstream, action, reached }: Case): Promise<Socket> {
    const waits = state.startsWith('waiting for a connection')
    mesh = await TestMesh.start({ limits: waits ? { upstreamConnectionsMax: 1 } : {} })
    await mesh.apply(oneService([await upstream(mesh)], action))
    const open = () => {
      const client = connect(mesh.port, '127.0.0.1')
      client.on('error', () => {}).on('data', () => {})
      client.write(request)
      return client
    }
    if (waits) {
      open()
      await waitFor('the first connection', () => active(mesh) === 1)
    }
    const client = open()
    await waitFor(state, () => reached(mesh, client))
    return client
  }

  const nothingIsLeft = (under = 0) => {
    expect(mesh.stat('http.outbound', 'downstream_rq_active')).toBe(under)
    expect(mesh.stat('cluster.svc', 'upstream_rq_active')).toBe(under)
    expect(mesh.stat('cluster.svc', 'upstream_rq_pending_active')).toBe(0)
    expect(mesh.stat('http.outbound', 'retained_body_bytes')).toBe(0)
    expect(mesh.stat('http.outbound', 'downstream_cx_upgrades_active')).toBe(0)
  }

  it.each(CASES)('by its client, while $state, leaves nothing behind', async (each) => {
    const client = await reach(each)
    const others = each.state.startsWith('waiting for a connection') ? 1 : 0
    client.resetAndDestroy()
    await waitFor('its end', () => mesh.stat('http.outbound', 'downstream_rq_active') === others)
    nothingIsLeft(others)
    expect(mesh.flags()).toEqual(['DC'])
  })

  it.each(CASES)('with its listener, while $state, leaves nothing behind', async (each) => {
    await reach(each)
    const { stats } = mesh.plane
    await mesh.plane.close()
    const values = new Map(
      stats.list().flatMap(({ schema, values }) => schema.stats.map(({ name }, i) => [name, values[i]!])),
    )
    for (const gauge of ['downstream_rq_active', 'upstream_rq_active', 'upstream_rq_pending_active']) {
      expect([gauge, values.get(gauge)]).toEqual([gauge, 0])
    }
    expect(values.get('retained_body_bytes')).toBe(0)
  })

  it.each(CASES)('is not disturbed by a swap that removes its cluster, while $state', async (each) => {
    const client = await reach(each)
    await mesh.apply([])
    expect(mesh.stat('http.outbound', 'downstream_rq_active')).toBeGreaterThan(0)
    client.resetAndDestroy()
    await waitFor('its end', () => mesh.stat('http.outbound', 'downstream_rq_rx_reset') === 1)
  })
})

import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Endpoint, type ForwardAction, type Part } from '@fairlead/core/snapshot'
import { waitFor } from '@fairlead/testkit'
import { clusterParts, forward, oneService, retry, routeParts, TestMesh } from './testdata/test-mesh.js'

const RESET = 'upstream connect error or disconnect/reset before headers. '

/** Reads a request head and then does this. */
function afterHead(act: (socket: Socket) => void): (socket: Socket) => void {
  return (socket) => socket.once('data', () => act(socket))
}

const closes = afterHead((socket) => socket.destroy())
const saysNothing = afterHead(() => {})
const talksNonsense = afterHead((socket) => socket.end('SSH-2.0-OpenSSH_9.2\r\n\r\n'))

describe('what keeps a request from its answer', () => {
  let mesh: TestMesh
  afterEach(() => mesh.close())

  interface Case {
    readonly name: string
    readonly parts: (mesh: TestMesh) => Promise<readonly Part[]> | readonly Part[]
    readonly host?: string
    readonly expected: readonly [status: number, flags: readonly string[], body: string]
  }

  const withUpstream =
    (onSocket: (socket: Socket) => void, action: Partial<ForwardAction> = {}) =>
    async (mesh: TestMesh) =>
      oneService([await mesh.serveRaw(onSocket)], action)
  const refused = async (mesh: TestMesh) => oneService([await mesh.refuse()])

  it.each<Case>([
    { name: 'no virtual host', parts: () => routeParts([]), host: 'unknown', expected: [502, [], ''] },
    {
      name: 'no virtual host where the mesh allows none',
      parts: () => routeParts([], { unknownHost: 'not-found' }),
      host: 'unknown',
      expected: [404, ['NR'], ''],
    },
    { name: 'no listener', parts: () => routeParts([]), host: 'svc:9999', expected: [502, [], ''] },
    { name: 'no route', parts: () => routeParts([]), expected: [404, ['NR'], ''] },
    { name: 'no cluster', parts: () => routeParts([forward('gone')]), expected: [503, ['NC'], ''] },
    { name: 'no endpoint', parts: () => oneService([]), expected: [503, ['UH'], 'no healthy upstream'] },
    {
      name: 'no endpoints part',
      parts: () => [clusterParts('svc', [])[0]!, ...routeParts([forward('svc')])],
      expected: [503, ['UH'], 'no healthy upstream'],
    },
    {
      name: 'a refused connection',
      parts: refused,
      expected: [503, ['UF'], `${RESET}reset reason: remote connection failure`],
    },
    {
      name: 'a connection closed before the answer',
      parts: withUpstream(closes),
      expected: [503, ['UC'], `${RESET}reset reason: connection termination`],
    },
    {
      name: 'an answer that is no HTTP',
      parts: withUpstream(talksNonsense),
      expected: [502, ['UPE'], `${RESET}reset reason: protocol error`],
    },
    {
      name: 'no answer in time',
      parts: withUpstream(saysNothing, { timeoutMs: 30 }),
      expected: [504, ['UT'], 'upstream request timeout'],
    },
    {
      name: 'no try answered in time',
      parts: withUpstream(saysNothing, { retry: retry(['connect-failure'], { perTryTimeoutMs: 30 }) }),
      expected: [504, ['UT'], 'upstream request timeout'],
    },
    {
      name: 'retries exhausted by refused connections',
      parts: async (mesh) => oneService([await mesh.refuse()], { retry: retry(['connect-failure']) }),
      expected: [503, ['UF', 'URX'], `${RESET}retried and the latest reset reason: remote connection failure`],
    },
    {
      name: 'retries exhausted by an upstream that closes',
      parts: withUpstream(closes, { retry: retry(['reset']) }),
      expected: [503, ['URX', 'UC'], `${RESET}retried and the latest reset reason: connection termination`],
    },
  ])('$name', async ({ parts, host = 'svc', expected }) => {
    mesh = await TestMesh.start()
    await mesh.apply(await parts(mesh))
    const answer = await mesh.call({ host })
    expect([answer.status, mesh.flags(), answer.body]).toEqual(expected)
    expect(mesh.stat('http.outbound', 'downstream_rq_active')).toBe(0)
  })

  it('says so before the first config', async () => {
    mesh = await TestMesh.start()
    expect(await mesh.call()).toMatchObject({ status: 503, body: 'no configuration yet' })
  })

  it('fails what must wait for a connection no longer than the connect timeout', async () => {
    mesh = await TestMesh.start({ limits: { upstreamConnectionsMax: 1 } })
    const upstream = await mesh.serveRaw(saysNothing)
    const parts = clusterParts('svc', [upstream], { connectTimeoutMs: 50 })
    await mesh.apply([...parts, ...routeParts([forward('svc', { timeoutMs: 2_000 })])])
    const first = mesh.call()
    await waitFor('the connection', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 1)
    const second = await mesh.call()
    expect([second.status, second.body]).toEqual([503, `${RESET}reset reason: connection timeout`])
    expect((await first).status).toBe(504)
  })

  it('refuses what finds too many waiting', async () => {
    mesh = await TestMesh.start({ limits: { upstreamConnectionsMax: 1, pendingMax: 1 } })
    await mesh.apply(oneService([await mesh.serveRaw(saysNothing)], { timeoutMs: 300 }))
    const first = mesh.call()
    await waitFor('the connection', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 1)
    const second = mesh.call()
    await waitFor('the second to wait', () => mesh.stat('cluster.svc', 'upstream_rq_pending_active') === 1)
    const third = await mesh.call()
    expect([third.status, third.headers['x-envoy-overloaded']]).toEqual([503, 'true'])
    expect(third.body).toBe(`${RESET}reset reason: overflow`)
    expect([(await first).status, (await second).status]).toEqual([504, 504])
    expect(mesh.stat('cluster.svc', 'upstream_rq_pending_active')).toBe(0)
  })

  it('breaks off an answer that the upstream does not finish', async () => {
    mesh = await TestMesh.start()
    const half = afterHead((socket) => socket.end('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
    await mesh.apply(oneService([await mesh.serveRaw(half)]))
    await expect(mesh.call()).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    expect(mesh.flags()).toEqual(['UC'])
  })

  it('breaks off an answer that is still going when the time is up', async () => {
    mesh = await TestMesh.start()
    const endless = afterHead((socket) => socket.write('HTTP/1.1 200 OK\r\ncontent-length: 10\r\n\r\nhalf'))
    await mesh.apply(oneService([await mesh.serveRaw(endless)], { timeoutMs: 500 }))
    await expect(mesh.call()).rejects.toThrow(/aborted|hang up|ECONNRESET/)
    expect(mesh.flags()).toEqual(['UT'])
  })

  describe('a client that goes away', () => {
    async function callAndGo(when: (mesh: TestMesh, upstream: Endpoint) => Promise<unknown>): Promise<void> {
      mesh = await TestMesh.start()
      let upstreamClosed = false
      const upstream = await mesh.serveRaw((socket) => {
        socket.once('data', () => {})
        socket.on('close', () => (upstreamClosed = true))
      })
      await mesh.apply(oneService([upstream]))
      const client = connect(mesh.port, '127.0.0.1')
      client.on('error', () => {})
      client.write('GET / HTTP/1.1\r\nhost: svc\r\n\r\n')
      await when(mesh, upstream)
      client.resetAndDestroy()
      await waitFor('the upstream to be told', () => upstreamClosed)
    }

    it('takes its upstream exchange with it', async () => {
      await callAndGo((mesh) => waitFor('the try', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 1))
      expect(mesh.flags()).toEqual(['DC'])
      expect(mesh.stat('cluster.svc', 'upstream_rq_active')).toBe(0)
      expect(mesh.stat('http.outbound', 'downstream_rq_active')).toBe(0)
    })
  })
})

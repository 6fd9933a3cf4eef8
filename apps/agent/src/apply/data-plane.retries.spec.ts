import { afterEach, describe, expect, it } from '@jest/globals'
import { connect, type Socket } from 'node:net'
import { type ForwardAction, type RetryCondition } from '@fairlead/core/snapshot'
import { waitFor } from '@fairlead/testkit'
import { clusterParts, forward, oneService, retry, routeParts, TestMesh } from './testdata/test-mesh.js'

const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'

function status(code: number): string {
  return `HTTP/1.1 ${code} X\r\ncontent-length: 3\r\n\r\nbad`
}

describe('retries', () => {
  let mesh: TestMesh
  afterEach(() => mesh.close())

  /**
   * An upstream that meets its requests with `script` in turn (`null`: closes the connection; `''`: never answers), and
   * with the last one from then on. Keeps the bodies it saw.
   */
  async function startScripted(script: readonly (string | null)[], action: Partial<ForwardAction>) {
    mesh = await TestMesh.start()
    const bodies: string[] = []
    const upstream = await mesh.serveRaw((socket) => {
      let received = ''
      socket.on('data', (chunk) => {
        received += chunk.toString('latin1')
        const end = received.indexOf('\r\n\r\n')
        const length = Number(/content-length: *(\d+)/i.exec(received)?.[1] ?? 0)
        if (end < 0 || received.length < end + 4 + length) return
        const answer = script[Math.min(bodies.length, script.length - 1)]!
        bodies.push(received.slice(end + 4))
        received = ''
        if (answer === null) socket.destroy()
        else socket.write(answer)
      })
    })
    await mesh.apply(oneService([upstream], action))
    return bodies
  }

  it.each<[RetryCondition, string | null]>([
    ['5xx', status(500)],
    ['5xx', null],
    ['gateway-error', status(502)],
    ['gateway-error', null],
    ['retriable-4xx', status(409)],
    ['retriable-status-codes', status(418)],
    ['reset', null],
  ])('on %s follow %j', async (condition, failure) => {
    const bodies = await startScripted([failure, failure, OK], { retry: retry([condition], { statusCodes: [418] }) })
    expect(await mesh.call()).toMatchObject({ status: 200, body: 'ok' })
    expect(bodies).toHaveLength(3)
    expect([mesh.flags(), mesh.stat('cluster.svc', 'upstream_rq_retry')]).toEqual([[], 2])
  })

  it.each<[RetryCondition, string | null, number]>([
    ['gateway-error', status(500), 500],
    ['connect-failure', null, 503],
    ['reset-before-request', null, 503],
    ['refused-stream', null, 503],
    ['retriable-status-codes', status(500), 500],
    ['unavailable', status(503), 503],
  ])('on %s do not follow %j', async (condition, failure, expected) => {
    const bodies = await startScripted([failure, OK], { retry: retry([condition], { statusCodes: [418] }) })
    expect((await mesh.call()).status).toBe(expected)
    expect(bodies).toHaveLength(1)
    expect(mesh.flags()).not.toContain('URX')
  })

  it('pass the last answer on when there are none left', async () => {
    const bodies = await startScripted([status(500), status(502), status(503)], { retry: retry(['5xx']) })
    expect(await mesh.call()).toMatchObject({ status: 503, body: 'bad' })
    expect([bodies.length, mesh.flags()]).toEqual([3, ['URX']])
  })

  it('follow a try that took too long', async () => {
    const bodies = await startScripted(['', OK], { retry: retry(['5xx'], { perTryTimeoutMs: 30 }) })
    expect((await mesh.call()).status).toBe(200)
    expect([bodies.length, mesh.stat('cluster.svc', 'upstream_rq_per_try_timeout')]).toEqual([2, 1])
  })

  it('end with the timeout of the route, which holds for all tries together', async () => {
    await startScripted([''], { timeoutMs: 100, retry: retry(['5xx'], { attempts: 50, perTryTimeoutMs: 30 }) })
    const answer = await mesh.call()
    expect([answer.status, mesh.flags()]).toEqual([504, ['UT']])
    expect(mesh.stat('cluster.svc', 'upstream_rq_retry')).toBeLessThan(5)
  })

  it.each([10, 60_000])('send a body of %i bytes again, from its first byte', async (length) => {
    const body = Buffer.alloc(length, 'abc').toString()
    const bodies = await startScripted([status(503), OK], { retry: retry(['5xx']) })
    expect((await mesh.call({ method: 'POST', body })).status).toBe(200)
    expect(bodies.map((each) => each === body)).toEqual([true, true])
    expect(mesh.stat('http.outbound', 'retained_body_bytes')).toBe(0)
  })

  it('are given up, and the request is not, where the body is too long to be kept', async () => {
    const body = Buffer.alloc(200_000, 'abc').toString()
    const bodies = await startScripted([status(503), OK], { retry: retry(['5xx']) })
    expect((await mesh.call({ method: 'POST', body })).status).toBe(503)
    expect(bodies.map((each) => each === body)).toEqual([true])
    expect(mesh.stat('http.outbound', 'retries_given_up')).toBe(1)
    expect(mesh.stat('http.outbound', 'retained_body_bytes')).toBe(0)
  })

  it('avoid the host that failed', async () => {
    mesh = await TestMesh.start()
    const [good, dead] = [await mesh.serve((_, response) => response.end()), await mesh.refuse()]
    const cluster = clusterParts('svc', [good, dead], { loadBalancer: 'ROUND_ROBIN' })
    await mesh.apply([
      ...cluster,
      ...routeParts([forward('svc', { retry: retry(['connect-failure'], { attempts: 1 }) })]),
    ])
    const answers = await Promise.all(Array.from({ length: 40 }, () => mesh.call()))
    expect(answers.filter((answer) => answer.status !== 200)).toEqual([])
    expect(mesh.stat('cluster.svc', 'upstream_rq_retry')).toBeGreaterThan(0)
  })

  it('stop when the client goes away', async () => {
    const bodies = await startScripted([''], { retry: retry(['5xx'], { attempts: 100, perTryTimeoutMs: 10 }) })
    const client = connect(mesh.port, '127.0.0.1')
    client.on('error', () => {})
    client.write('GET / HTTP/1.1\r\nhost: svc\r\n\r\n')
    await waitFor('two tries', () => bodies.length >= 2)
    client.resetAndDestroy()
    await waitFor('the request to end', () => mesh.stat('http.outbound', 'downstream_rq_active') === 0)
    expect([mesh.flags(), mesh.stat('cluster.svc', 'upstream_rq_active')]).toEqual([['DC'], 0])
  })

  it('are not needed for an idle connection that the upstream closed', async () => {
    mesh = await TestMesh.start()
    const sockets: Socket[] = []
    const upstream = await mesh.serveRaw((socket) => {
      sockets.push(socket)
      socket.on('data', () => socket.write(OK))
    })
    await mesh.apply(oneService([upstream]))
    for (let i = 0; i < 20; i++) {
      expect((await mesh.call()).status).toBe(200)
      const socket = sockets.at(-1)!
      socket.end()
      await waitFor('the pool to see it', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 0)
    }
    expect(sockets).toHaveLength(20)
  })
})

import { connect, type Socket } from 'node:net'
import { setFlagsFromString } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { afterEach, describe, expect, it } from '@jest/globals'
import { waitFor } from '@fairlead/testkit'
import { DEFAULT_LIMITS, type Limits } from '../limits/limits.js'
import { oneService, TestMesh } from './testdata/test-mesh.js'

let mesh: TestMesh
const sockets: Socket[] = []
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy()
  await mesh.close()
})

const HEAD = 'HTTP/1.1 200 OK\r\n'
const CHUNKED = `${HEAD}Transfer-Encoding: chunked\r\n\r\n`

async function start(limits: Partial<Limits>): Promise<void> {
  mesh = await TestMesh.start({ limits })
}

function dial(onText: (text: string) => void = () => {}): Socket {
  const socket = connect(mesh.port, '127.0.0.1')
  socket.on('error', () => {}).on('data', (bytes) => onText(bytes.toString('latin1')))
  sockets.push(socket)
  return socket
}

function heldBytes(): number {
  setFlagsFromString('--expose-gc')
  ;(runInNewContext('gc') as () => void)()
  return process.memoryUsage().arrayBuffers
}

/** What is held once nothing comes or goes any more, and that is at least `least`. */
async function settledBytes(least: number): Promise<number> {
  let held = -1
  await waitFor('memory to settle', () => {
    const last = held
    held = heldBytes()
    return held === last && held >= least
  })
  return held
}

describe('the limits of a data plane', () => {
  it('hold no more for 1,000 heads that never end than one head each, and serve others meanwhile', async () => {
    await start({})
    await mesh.apply(oneService([await mesh.serve((_, response) => response.end('served'))]))
    const begun = Buffer.from(`GET / HTTP/1.1\r\nHost: svc\r\nX: ${'y'.repeat(70)}`)
    const more = Buffer.alloc(40_000, 0x79)
    const before = await settledBytes(0)
    const clients = Array.from({ length: 1_000 }, () => dial())
    for (const client of clients) client.write(begun)
    await waitFor('all of them', () => mesh.stat('listener.outbound', 'downstream_cx_active') === 1_000)
    expect((await mesh.call()).body).toBe('served')
    for (const client of clients) client.write(more)
    const held = (await settledBytes(before + 40_000_000)) - before
    expect((await mesh.call()).body).toBe('served')
    expect(held).toBeLessThan(1_000 * (DEFAULT_LIMITS.headBytes + 2_048))
    for (const client of clients) client.destroy()
    await waitFor('all to be gone', () => mesh.stat('listener.outbound', 'downstream_cx_active') <= 1)
    await waitFor('what they held to be let go', () => heldBytes() - before < 2_048_000)
  })

  it.each<[string, string, string]>([
    ['a head', `${HEAD}X: ${'y'.repeat(DEFAULT_LIMITS.headBytes)}\r\n\r\n`, 'upstream_response_head_too_large'],
    ['fields', `${HEAD}${'X: y\r\n'.repeat(101)}\r\n`, 'upstream_response_too_many_fields'],
    ['1xx', `HTTP/1.1 103 E\r\n\r\n`.repeat(17), 'upstream_response_too_many_informational'],
    ['extensions', `${CHUNKED}1;${'x'.repeat(17_000)}\r\na\r\n`, 'upstream_response_chunk_extensions_too_large'],
    ['trailers', `${CHUNKED}0\r\nX: ${'y'.repeat(9_000)}\r\n\r\n`, 'upstream_response_trailers_too_large'],
    ['trailer fields', `${CHUNKED}0\r\n${'X: y\r\n'.repeat(33)}\r\n`, 'upstream_response_trailers_too_large'],
  ])('count an upstream with more %s than they allow', async (_what, response, counter) => {
    await start({})
    await mesh.apply(oneService([await mesh.serveRaw((socket) => socket.on('data', () => socket.write(response)))]))
    await mesh.call().then(
      ({ status }) => expect(status).toBe(502),
      (error: Error) => expect(error.message).toMatch(/aborted|hang up/),
    )
    expect(mesh.stat('cluster.svc', counter)).toBe(1)
  })

  it('end a request on which nothing moves with 504, and without a retry', async () => {
    await start({ streamIdleMs: 50 })
    let requests = 0
    await mesh.apply(oneService([await mesh.serve(() => void requests++)]))
    expect(await mesh.call()).toMatchObject({ status: 504, body: 'stream timeout' })
    expect(requests).toBe(1)
    expect(mesh.flags()).toEqual(['SI'])
    expect(mesh.stat('listener.outbound', 'downstream_rq_idle_timeout')).toBe(1)
    expect(mesh.stat('http.outbound', 'downstream_rq_5xx')).toBe(1)
    await waitFor('the upstream connection to go', () => mesh.stat('cluster.svc', 'upstream_cx_active') === 0)
  })

  it('end it with 408 while the request is not complete', async () => {
    await start({ streamIdleMs: 50, writeStallMs: 60_000 })
    await mesh.apply(oneService([await mesh.serveRaw((socket) => socket.pause())]))
    let text = ''
    const client = dial((more) => (text += more))
    client.write('POST / HTTP/1.1\r\nHost: svc\r\nContent-Length: 100000000\r\n\r\n')
    client.write(Buffer.alloc(50_000_000))
    await waitFor('the answer', () => text.includes('stream timeout'))
    expect(text).toMatch(/^HTTP\/1\.1 408 /)
    expect(mesh.flags()).toEqual(['SI'])
  })

  it('cut off a response that stands still', async () => {
    await start({ streamIdleMs: 50 })
    await mesh.apply(oneService([await mesh.serve((_, response) => void response.write('begun'))]))
    await expect(mesh.call()).rejects.toThrow('aborted')
    expect(mesh.flags()).toEqual(['SI'])
    expect(mesh.stat('listener.outbound', 'downstream_rq_idle_timeout')).toBe(1)
  })

  it('close a connection after as many requests as it may serve', async () => {
    await start({ requestsMax: 2 })
    await mesh.apply(oneService([await mesh.serve((_, response) => response.end('ok'))]))
    const words: unknown[] = []
    for (let i = 0; i < 4; i++) words.push((await mesh.call()).headers.connection)
    expect(words).toEqual([undefined, 'close', undefined, 'close'])
    expect(mesh.stat('listener.outbound', 'downstream_cx_max_requests_reached')).toBe(2)
    expect(mesh.stat('listener.outbound', 'downstream_cx_total')).toBe(2)
  })

  it('count requests that must wait for a connection, and those that may not even wait', async () => {
    await start({ upstreamConnectionsMax: 1, pendingMax: 1 })
    const held: (() => void)[] = []
    await mesh.apply(oneService([await mesh.serve((_, response) => void held.push(() => response.end('ok')))]))
    const first = mesh.call()
    await waitFor('the first at the upstream', () => held.length === 1)
    const second = mesh.call()
    await waitFor('the second to wait', () => mesh.stat('cluster.svc', 'upstream_rq_pending_active') === 1)
    expect((await mesh.call()).status).toBe(503)
    expect(mesh.stat('cluster.svc', 'upstream_cx_overflow')).toBe(1)
    expect(mesh.stat('cluster.svc', 'upstream_rq_pending_overflow')).toBe(1)
    held[0]!()
    await waitFor('the second at the upstream', () => held.length === 2)
    held[1]!()
    expect((await first).status + (await second).status).toBe(400)
  })

  it('end 1,000 heads that never end, and count them', async () => {
    await start({ headMs: 100 })
    let answers = ''
    for (let i = 0; i < 1_000; i++) dial((text) => (answers += text.slice(0, 12))).write('GET / HT')
    await waitFor('all to be ended', () => mesh.stat('listener.outbound', 'downstream_rq_header_timeout') === 1_000)
    await waitFor('all to be gone', () => mesh.stat('listener.outbound', 'downstream_cx_active') === 0)
    expect(answers).toBe('HTTP/1.1 408'.repeat(1_000))
  })

  it('end 1,000 connections that say nothing, and count them', async () => {
    await start({ firstByteMs: 100 })
    for (let i = 0; i < 1_000; i++) dial()
    await waitFor('all to be ended', () => mesh.stat('listener.outbound', 'downstream_cx_first_byte_timeout') === 1_000)
    await waitFor('all to be gone', () => mesh.stat('listener.outbound', 'downstream_cx_active') === 0)
  })
})

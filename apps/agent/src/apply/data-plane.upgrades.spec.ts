import { createHash, randomBytes } from 'node:crypto'
import { afterEach, describe, expect, it } from '@jest/globals'
import { waitFor } from '@fairlead/testkit'
import { type ForwardAction, type Route } from '@fairlead/core/snapshot'
import { RawPeer } from './testdata/raw-peer.js'
import { settled } from './testdata/settled.js'
import { clusterParts, forward, oneService, retry, routeParts, TestMesh } from './testdata/test-mesh.js'

const UPGRADE = 'GET /ws HTTP/1.1\r\nHost: svc\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n'
const FORWARDED = 'GET /ws HTTP/1.1\r\nhost: svc\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const MIB = 1024 * 1024

let mesh: TestMesh
let upstreams: RawPeer[]
afterEach(() => mesh.close())

/** A mesh whose only upstream does what the test does with `upstreams`. */
async function start(action: Partial<ForwardAction> = {}, options: Parameters<typeof TestMesh.start>[0] = {}) {
  mesh = await TestMesh.start(options)
  upstreams = []
  const endpoint = await mesh.serveRaw((socket) => void upstreams.push(new RawPeer(socket)))
  await mesh.apply(oneService([endpoint], action))
}

async function ask(request = UPGRADE): Promise<{ client: RawPeer; upstream: RawPeer }> {
  const before = upstreams.length
  const client = RawPeer.connect(mesh.port)
  client.send(request)
  await waitFor('the request', () => upstreams.length > before && upstreams[before]!.text.includes('\r\n\r\n'))
  return { client, upstream: upstreams[before]! }
}

async function tunnel(): Promise<{ client: RawPeer; upstream: RawPeer }> {
  const both = await ask()
  both.upstream.send(SWITCH)
  await waitFor('101', () => both.client.text === SWITCHED)
  return both
}

const stat = (name: string) => mesh.stat('http.outbound', name)
const clusterStat = (name: string) => mesh.stat('cluster.svc', name)

async function nothingIsLeft(flags: readonly string[]): Promise<void> {
  await waitFor('the end', () => stat('downstream_rq_active') === 0 && clusterStat('upstream_cx_active') === 0)
  await waitFor('the client to go', () => mesh.stat('listener.outbound', 'downstream_cx_active') === 0)
  expect([stat('downstream_cx_upgrades_active'), clusterStat('upstream_rq_active')]).toEqual([0, 0])
  expect(mesh.flags()).toEqual(flags)
}

describe('a WebSocket', () => {
  it.each([
    ['whole', sendWhole],
    ['byte by byte', sendByteByByte],
  ])('shakes hands and exchanges frames, delivered %s', async (_how, deliver) => {
    await start()
    const client = RawPeer.connect(mesh.port)
    const key = randomBytes(16).toString('base64')
    const fields = `Sec-WebSocket-Key: ${key}\r\nSec-WebSocket-Version: 13\r\nOrigin: http://a\r\n`
    await deliver(client, Buffer.from(UPGRADE.replace('\r\n\r\n', `\r\n${fields}\r\n`)))
    await waitFor('the handshake', () => upstreams[0]?.text.endsWith('\r\n\r\n') === true)
    const upstream = upstreams[0]!
    const offered = /\r\nSec-WebSocket-Key: (.+)\r\n/.exec(upstream.text)![1]!
    const accept = `Sec-WebSocket-Accept: ${acceptOf(offered)}\r\n`
    await deliver(upstream, Buffer.from(SWITCH.replace('\r\n\r\n', `\r\n${accept}\r\n`)))
    await waitFor('101', () => client.text.endsWith('\r\n\r\n'))
    expect(client.text).toBe(SWITCHED.replace('\r\nconnection', `\r\n${accept}connection`))
    expect(/Accept: (.+)\r\n/.exec(client.text)![1]).toBe(acceptOf(key))

    const mask = Buffer.from([1, 2, 3, 4])
    await deliver(client, frame(0x81, Buffer.from('hello'), mask))
    await deliver(client, frame(0x82, Buffer.alloc(300, 7), mask))
    await waitFor('the frames', () => upstream.afterHead.length === 2 + 4 + 5 + 4 + 4 + 300)
    const frames = Buffer.from(upstream.afterHead, 'latin1')
    expect(unmask(frames.subarray(0, 11))).toBe('hello')
    await deliver(upstream, Buffer.concat([frame(0x81, Buffer.from('hello')), frame(0x88, Buffer.from([3, 232]))]))
    await waitFor('the echo', () => client.afterHead === '\x81\x05hello\x88\x02\x03\xe8')
    upstream.socket.end()
    await waitFor('FIN', () => client.ended)
    client.socket.end()
    await nothingIsLeft([])
  })

  it('passes on what comes in one segment with the 101', async () => {
    await start()
    const { client, upstream } = await ask()
    upstream.send(`${SWITCH}\x81\x02hi`)
    await waitFor('the frame', () => client.text === `${SWITCHED}\x81\x02hi`)
  })

  it('keeps what the client sends early until the 101, then delivers it in order', async () => {
    await start()
    const { client, upstream } = await ask(`${UPGRADE}one `)
    client.send('two ')
    upstream.send('HTTP/1.1 103 Early Hints\r\n\r\n')
    await waitFor('103', () => client.text.startsWith('HTTP/1.1 103'))
    expect(upstream.text).toBe(FORWARDED)
    upstream.send(SWITCH)
    await waitFor('101', () => client.text.endsWith(SWITCHED))
    client.send('three')
    await waitFor('all of it', () => upstream.text === `${FORWARDED}one two three`)
  })

  it('keeps no more of what comes early than one read', async () => {
    await start()
    const { client, upstream } = await ask()
    for (let i = 0; i < 64; i++) client.send(Buffer.alloc(MIB, i))
    const sent = () => client.socket.bytesWritten - client.socket.writableLength
    await settled(sent)
    expect(sent()).toBeLessThan(32 * MIB)
    expect(upstream.text).toBe(FORWARDED)
    upstream.send(SWITCH)
    await waitFor('all of it', () => stat('downstream_cx_upgrades_rx_bytes_total') === 64 * MIB)
  }, 20_000)

  it('outlives the route timeout, which bounds the wait for its 101', async () => {
    await start({ timeoutMs: 1_000 })
    const { client, upstream } = await tunnel()
    const late = await ask()
    await waitFor('504', () => late.client.text.startsWith('HTTP/1.1 504'))
    await waitFor('the end of the late one', () => late.upstream.ended)
    client.send('still here')
    await waitFor('the bytes', () => upstream.afterHead === 'still here')
    expect(clusterStat('upstream_rq_timeout')).toBe(1)
  })

  it('ends when nothing came for the idle deadline', async () => {
    await start({}, { limits: { tunnelIdleMs: 30 } })
    const { client, upstream } = await tunnel()
    await waitFor('both ends', () => client.ended && upstream.ended)
    client.socket.end()
    expect(stat('downstream_cx_upgrades_idle_timeout')).toBe(1)
    await nothingIsLeft(['SI'])
  })

  it('is counted, with its bytes, and its life is no latency', async () => {
    let now = 0
    await start({}, { clock: () => now })
    const { client, upstream } = await tunnel()
    expect([stat('downstream_cx_upgrades_total'), stat('downstream_cx_upgrades_active')]).toEqual([1, 1])
    expect(clusterStat('upstream_rq_active')).toBe(1)
    client.send('abc')
    upstream.send('defgh')
    await waitFor('the bytes', () => upstream.afterHead === 'abc' && client.afterHead === 'defgh')
    now = 3_600_000
    client.socket.end()
    upstream.socket.end()
    await nothingIsLeft([])
    expect(stat('downstream_cx_upgrades_rx_bytes_total')).toBe(3)
    expect(stat('downstream_cx_upgrades_tx_bytes_total')).toBe(5)
    expect(stat('downstream_rq_1xx')).toBe(1)
    const latencies = mesh.plane.stats.list().filter(({ name }) => name === 'outbound' || name === 'svc')
    for (const { latency } of latencies) if (latency !== null) expect(latency.quantileUs(1)).toBeLessThan(1_000)
  })

  it('stays on what it began with when its cluster goes, and ends with it', async () => {
    await start()
    const { client, upstream } = await tunnel()
    const { stats } = mesh.plane
    const block = stats.list().find(({ name }) => name === 'svc')!
    await mesh.apply(routeParts([]))
    expect((await mesh.call()).status).toBe(404)
    client.send('on')
    await waitFor('the bytes', () => upstream.afterHead === 'on')
    client.socket.end()
    upstream.socket.end()
    await waitFor('the end', () => stat('downstream_cx_upgrades_active') === 0)
    const active = block.schema.stats.findIndex(({ name }) => name === 'upstream_cx_active')
    await waitFor('the connection to go', () => block.values[active] === 0)
  })

  it('lives through the grace of a drain, and not longer', async () => {
    await start()
    const { client, upstream } = await tunnel()
    const drained = mesh.plane.drain(30)
    client.send('on')
    await waitFor('the bytes', () => upstream.afterHead === 'on')
    await drained
    await mesh.plane.close()
    await waitFor('both ends', () => client.ended && upstream.ended)
  })
})

describe('the ends of a tunnel', () => {
  it.each(['client', 'upstream'] as const)(
    'are told when the %s half-closes, and the other half goes on',
    async (who) => {
      await start()
      const both = await tunnel()
      const [first, second] = who === 'client' ? [both.client, both.upstream] : [both.upstream, both.client]
      first.socket.end('last words')
      await waitFor('FIN', () => second.ended)
      expect(second.afterHead).toBe('last words')
      second.send('an answer')
      await waitFor('the answer', () => first.afterHead === 'an answer')
      expect(first.ended).toBe(false)
      second.socket.end(Buffer.alloc(MIB, 0x61))
      await waitFor('the rest', () => first.ended)
      expect(first.afterHead).toHaveLength('an answer'.length + MIB)
      await nothingIsLeft([])
    },
  )

  it('are told of a client that half-closed before its 101', async () => {
    await start()
    const { client, upstream } = await ask()
    client.socket.end()
    upstream.send('HTTP/1.1 103 Early Hints\r\n\r\n')
    await waitFor('103', () => client.text.startsWith('HTTP/1.1 103'))
    upstream.send(SWITCH)
    await waitFor('FIN', () => upstream.ended)
    upstream.socket.end('bye')
    await waitFor('the rest', () => client.text.endsWith(`${SWITCHED}bye`))
    await nothingIsLeft([])
  })

  it.each([
    ['client', 'DC'],
    ['upstream', 'UC'],
  ] as const)('go together when the %s is reset', async (who, flag) => {
    await start({ retry: retry(['5xx', 'reset']) })
    const { client, upstream } = await tunnel()
    const [lost, other] = who === 'client' ? [client, upstream] : [upstream, client]
    lost.socket.resetAndDestroy()
    await waitFor('the end of the other', () => other.ended || other.closed)
    other.socket.end()
    await nothingIsLeft([flag])
    expect(stat('downstream_rq_rx_reset')).toBe(who === 'client' ? 1 : 0)
    expect(clusterStat(who === 'client' ? 'upstream_rq_tx_reset' : 'upstream_rq_rx_reset')).toBe(1)
    // No retry: what was said cannot be said again.
    expect(upstreams).toHaveLength(1)
  })

  it.each(['client', 'upstream'] as const)(
    'hold a fast sender back while the %s does not read',
    async (who) => {
      await start()
      const { client, upstream } = await tunnel()
      const [reader, sender] = who === 'client' ? [client, upstream] : [upstream, client]
      const passed =
        who === 'client' ? 'downstream_cx_upgrades_tx_bytes_total' : 'downstream_cx_upgrades_rx_bytes_total'
      reader.socket.pause()
      for (let i = 0; i < 64; i++) sender.send(Buffer.alloc(MIB, i))
      await settled(() => stat(passed))
      expect(stat(passed)).toBeLessThan(32 * MIB)
      reader.socket.resume()
      await waitFor('all of it', () => stat(passed) === 64 * MIB)
    },
    20_000,
  )

  it('carry 8 MiB each way at once, unchanged, at the pace of slow readers', async () => {
    await start()
    const { client, upstream } = await tunnel()
    const [up, down] = [randomBytes(8 * MIB), randomBytes(8 * MIB)]
    for (const { socket } of [client, upstream]) {
      socket.on('data', () => {
        socket.pause()
        setImmediate(() => socket.resume())
      })
    }
    client.socket.end(up)
    upstream.socket.end(down)
    await waitFor('both', () => client.ended && upstream.ended)
    expect(client.bytesAfterHead.equals(down)).toBe(true)
    expect(upstream.bytesAfterHead.equals(up)).toBe(true)
    await nothingIsLeft([])
  }, 20_000)
})

describe('an upgrade that does not come about', () => {
  it.each([
    ['200', OK, OK],
    [
      '426',
      'HTTP/1.1 426 X\r\ncontent-length: 0\r\n\r\n',
      'HTTP/1.1 426 Upgrade Required\r\ncontent-length: 0\r\n\r\n',
    ],
    ['200 that claims it', OK.replace('\r\n\r\n', '\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'), OK],
  ])('by %s leaves early bytes to be the next request, on another connection', async (_name, answer, passed) => {
    await start()
    const { client, upstream } = await ask(`${UPGRADE}GET /next HTTP/1.1\r\nHost: svc\r\n\r\n`)
    upstream.send(answer)
    await waitFor('the next request', () => upstreams[1]?.text.endsWith('\r\n\r\n') === true)
    await waitFor('the close', () => upstream.ended)
    expect(client.text).toBe(passed)
    expect(upstream.text).toBe(FORWARDED)
    expect(upstreams[1]!.text).toBe('GET /next HTTP/1.1\r\nhost: svc\r\n\r\n')
    upstreams[1]!.send(OK)
    await waitFor('the next answer', () => client.text === passed + OK)
  })

  it('never shows early frames to the upstream: they are no request', async () => {
    await start()
    const { client, upstream } = await ask(`${UPGRADE}\x81\x85\x01\x02\x03\x04`)
    upstream.send(OK)
    await waitFor('400', () => client.text.startsWith(`${OK}HTTP/1.1 400`))
    await waitFor('the close', () => upstream.ended && client.ended)
    expect(upstream.text).toBe(FORWARDED)
    expect(upstreams).toHaveLength(1)
  })

  it.each([
    ['to another protocol', SWITCH.replace('websocket', 'h2c')],
    ['to two protocols', SWITCH.replace('websocket', 'websocket, h2c')],
    ['without its Connection', SWITCH.replace('Connection: Upgrade\r\n', '')],
    ['in HTTP/1.0', SWITCH.replace('HTTP/1.1', 'HTTP/1.0')],
  ])('by a 101 %s is a 502, and the bytes behind it go nowhere', async (_name, answer) => {
    await start()
    const { client, upstream } = await ask(`${UPGRADE}early`)
    upstream.send(`${answer}late`)
    await waitFor('502', () => client.text.startsWith('HTTP/1.1 502'))
    await waitFor('the close', () => upstream.ended)
    expect(upstream.text).toBe(FORWARDED)
    expect(client.text).not.toContain('late')
    expect(mesh.flags()).toEqual(['UPE'])
  })

  it('is not asked for where the client asked for h2c', async () => {
    await start()
    const h2c = UPGRADE.replace('Upgrade\r\n', 'Upgrade, HTTP2-Settings\r\nHTTP2-Settings: AAMAAABk\r\n')
    const { client, upstream } = await ask(h2c.replace('websocket', 'h2c'))
    expect(upstream.text).toBe('GET /ws HTTP/1.1\r\nhost: svc\r\n\r\n')
    upstream.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: h2c\r\nConnection: Upgrade\r\n\r\n')
    await waitFor('502', () => client.text.startsWith('HTTP/1.1 502'))
  })

  it('leaves the pipeline in order, up to the upgrade that is taken', async () => {
    await start()
    const plain = 'GET /plain HTTP/1.1\r\nHost: svc\r\n\r\n'
    const { client, upstream } = await ask(`${UPGRADE}${plain}${UPGRADE}tunnelled`)
    upstream.send('HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n')
    await waitFor('the second request', () => upstreams[1]?.text.includes('/plain') === true)
    upstreams[1]!.send(OK)
    await waitFor('the third request', () => upstreams[1]!.text.endsWith(FORWARDED))
    upstreams[1]!.send(SWITCH)
    await waitFor('the early bytes', () => upstreams[1]!.text.endsWith(`${FORWARDED}tunnelled`))
    expect(client.text).toBe(`HTTP/1.1 403 Forbidden\r\ncontent-length: 0\r\n\r\n${OK}${SWITCHED}`)
  })

  it('is tried again as any request, before its 101', async () => {
    mesh = await TestMesh.start()
    upstreams = []
    const endpoint = await mesh.serveRaw((socket) => {
      const peer = new RawPeer(socket)
      upstreams.push(peer)
      socket.once('data', () =>
        peer.send(upstreams.length === 1 ? 'HTTP/1.1 503 X\r\ncontent-length: 0\r\n\r\n' : SWITCH),
      )
    })
    await mesh.apply(oneService([endpoint], { retry: retry(['5xx']) }))
    const client = RawPeer.connect(mesh.port)
    client.send(`${UPGRADE}early`)
    await waitFor('the early bytes', () => upstreams[1]?.text === `${FORWARDED}early`)
    expect(client.text).toBe(SWITCHED)
    expect(upstreams[0]!.text).toBe(FORWARDED)
  })

  it('is answered as any request by a route that forwards nothing', async () => {
    mesh = await TestMesh.start()
    const route: Route = { name: '', match: {}, action: { kind: 'direct-response', status: 204 } }
    await mesh.apply([...clusterParts('svc', []), ...routeParts([route, forward('svc')])])
    const client = RawPeer.connect(mesh.port)
    client.send(UPGRADE + UPGRADE)
    await waitFor('both answers', () => client.text.split('HTTP/1.1 204').length === 3)
    expect(client.ended).toBe(false)
  })
})

describe('an upgrade with a body', () => {
  const WITH_BODY = UPGRADE.replace('\r\n\r\n', '\r\nContent-Length: 4\r\n\r\n')

  it('sends it as a body first', async () => {
    await start()
    const { client, upstream } = await ask(`${WITH_BODY}bo`)
    client.send('dyearly')
    await waitFor('the body', () => upstream.afterHead === 'body')
    expect(upstream.text).toContain('\r\ncontent-length: 4\r\n')
    upstream.send(SWITCH)
    await waitFor('the tunnel', () => upstream.afterHead === 'bodyearly')
    expect(client.text).toBe(SWITCHED)
  })

  it('is refused a 101 that comes before its end', async () => {
    await start()
    const { client, upstream } = await ask(`${WITH_BODY}bo`)
    upstream.send(SWITCH)
    await waitFor('502', () => client.text.startsWith('HTTP/1.1 502'))
    await waitFor('the close', () => upstream.ended)
    expect(upstream.afterHead).toBe('bo')
  })
})

function sendWhole(peer: RawPeer, bytes: Buffer): Promise<void> {
  return new Promise((resolve) => peer.socket.write(bytes, () => resolve()))
}

async function sendByteByByte(peer: RawPeer, bytes: Buffer): Promise<void> {
  for (let i = 0; i < bytes.length; i++) await sendWhole(peer, bytes.subarray(i, i + 1))
}

/** RFC 6455 4.2.2. */
function acceptOf(key: string): string {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** RFC 6455 5.2, for payloads below 64 KiB. */
function frame(first: number, payload: Buffer, mask: Buffer | null = null): Buffer {
  const masked = mask === null ? 0 : 0x80
  const { length } = payload
  const head = length < 126 ? [first, masked | length] : [first, masked | 126, length >> 8, length & 255]
  if (mask === null) return Buffer.concat([Buffer.from(head), payload])
  return Buffer.concat([Buffer.from(head), mask, payload.map((byte, i) => byte ^ mask[i % 4]!)])
}

/** The payload of a short masked frame. */
function unmask(bytes: Buffer): string {
  const payload = bytes.subarray(6).map((byte, i) => byte ^ bytes[2 + (i % 4)]!)
  return Buffer.from(payload).toString('latin1')
}

import { afterEach, describe, expect, it } from '@jest/globals'
import { AUTHORITY, METHOD, PATH, PSEUDO_SLOTS, type RequestView } from '@fairlead/core/routing/request-view'
import { waitFor } from '@fairlead/testkit'
import { RESET_LIMIT, RESET_LOCAL, RESET_PROTOCOL, RESET_REMOTE, type ResponseSink } from '../http/exchange.js'
import { type ResponseHead } from '../http/head.js'
import { VirtualTime } from '../io/testdata/virtual-time.js'
import { TimerWheel } from '../io/timer-wheel.js'
import { createHttp1ClientConnection } from './client-connection.js'
import { DEFAULT_HTTP1_LIMITS, type Http1Limits } from './limits.js'
import { NO_EDITS } from './testdata/forwarding-proxy.js'
import { IO_KINDS, type IoKind, type Loopback, loopback } from './testdata/loopback.js'
import { MemoryStream } from './testdata/memory-stream.js'

const GET = request('GET')
const REQUEST = 'GET / HTTP/1.1\r\nhost: a\r\n\r\n'
const UPGRADE = 'GET / HTTP/1.1\r\nhost: a\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
const SWITCH = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n'
const HI = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi'

function request(method: string): RequestView {
  const bytes = Buffer.from(`${method}/a`)
  const ranges = new Int32Array(PSEUDO_SLOTS).fill(-1)
  ranges.set([0, method.length], METHOD)
  ranges.set([method.length, method.length + 1], PATH)
  ranges.set([method.length + 1, method.length + 2], AUTHORITY)
  return { bytes, ranges, fieldCount: 0 }
}

class Heard implements ResponseSink {
  readonly events: (string | number)[] = []
  body = ''
  received = 0
  takes = true
  onInformational(head: ResponseHead): void {
    this.events.push(head.status)
  }
  onUpgrade(head: ResponseHead): void {
    this.events.push('upgrade', head.status)
  }
  onResponse(head: ResponseHead, endOfMessage: boolean): void {
    this.events.push(head.status)
    if (endOfMessage) this.events.push('end')
  }
  onData(bytes: Uint8Array, start: number, end: number): boolean {
    this.received += end - start
    if (this.received < 1_000) this.body += Buffer.from(bytes.subarray(start, end)).toString('latin1')
    return this.takes
  }
  onEnd(): void {
    this.events.push('end')
  }
  onRequestWritable(): void {
    this.events.push('writable')
  }
  onResponseReset(reason: number): void {
    this.events.push('reset', reason)
  }
}

const open: Loopback[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

async function connected(kind: IoKind, limits: Partial<Http1Limits> = {}) {
  const link = await loopback(kind)
  open.push(link)
  const counts = { free: 0, closed: 0 }
  const hits: string[] = []
  const owner = {
    onLimit: (limit: string) => void hits.push(limit),
    onSlotFree: () => void counts.free++,
    onConnectionClosed: () => void counts.closed++,
  }
  const all = { ...DEFAULT_HTTP1_LIMITS, ...limits }
  const connection = createHttp1ClientConnection(link.stream, owner, new TimerWheel(), all)
  return { ...link, connection, counts, hits }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

it('a tunnel that is over closes in time though its last bytes are few and stuck', () => {
  const clock = new VirtualTime()
  const stream = new MemoryStream()
  const owner = { onSlotFree() {}, onLimit() {}, onConnectionClosed() {} }
  const connection = createHttp1ClientConnection(stream, owner, new TimerWheel(clock), DEFAULT_HTTP1_LIMITS)
  const exchange = connection.open(new Heard())
  exchange.sendRequest(GET, { ...NO_EDITS, upgrade: true }, 0, true)
  stream.feed(SWITCH)
  stream.handler.onEnd()
  stream.bufferedBytes = 1
  exchange.endRequest(null)
  stream.handler.onWritable()
  expect([stream.ended, stream.closed]).toEqual([true, false])
  clock.pass(DEFAULT_HTTP1_LIMITS.writeStallMs + 100)
  expect(stream.closed).toBe(true)
})

describe.each(IO_KINDS)('a client connection on %s sockets', (kind) => {
  it('serves one exchange after another', async () => {
    const { connection, peer, text, counts } = await connected(kind)
    for (let i = 1; i <= 3; i++) {
      const heard = new Heard()
      expect(connection.freeSlots).toBe(1)
      connection.open(heard).sendRequest(GET, NO_EDITS, 0, true)
      expect(connection.freeSlots).toBe(0)
      await waitFor('the request', () => text() === REQUEST.repeat(i))
      peer.write(HI)
      await waitFor('the slot', () => counts.free === i)
      expect(heard).toMatchObject({ body: 'hi', events: [200, 'end'] })
    }
  })

  it('sends head and first body bytes as one, and knows whether anything left', async () => {
    const { connection, peer, stream } = await connected(kind)
    const got: string[] = []
    peer.on('data', (chunk: Buffer) => void got.push(chunk.toString('latin1')))
    const exchange = connection.open(new Heard())
    expect(exchange.untouched).toBe(true)
    exchange.sendRequest(request('POST'), NO_EDITS, 2, false)
    expect(exchange.untouched).toBe(true)
    exchange.sendData(Buffer.from('hi'), 0, 2)
    exchange.endRequest(null)
    expect(exchange.untouched).toBe(false)
    await waitFor('the request', () => got.length > 0)
    expect(got).toEqual(['POST / HTTP/1.1\r\nhost: a\r\ncontent-length: 2\r\n\r\nhi'])
    expect(stream.closed).toBe(false)
  })

  it('stays truthful about an untouched exchange after it was lost', async () => {
    const { connection, peer, counts } = await connected(kind)
    const heard = new Heard()
    const exchange = connection.open(heard)
    peer.resetAndDestroy()
    await waitFor('close', () => counts.closed === 1)
    expect(heard.events).toEqual(['reset', RESET_REMOTE])
    expect(exchange.untouched).toBe(true)
    expect(connection.freeSlots).toBe(0)
  })

  it('ends every exchange once, wherever the upstream closes', async () => {
    const response = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n\r\n'
    for (let cut = 0; cut <= response.length; cut += 2) {
      const { connection, peer, counts, text } = await connected(kind)
      const heard = new Heard()
      connection.open(heard).sendRequest(GET, NO_EDITS, 0, true)
      await waitFor('the request', () => text() === REQUEST)
      peer.end(response.slice(0, cut))
      await waitFor('close', () => counts.closed === 1)
      peer.destroy()
      const complete = cut >= response.length
      expect([cut, heard.events.slice(-2)]).toEqual([cut, complete ? [200, 'end'] : ['reset', RESET_REMOTE]])
      expect(counts.free).toBe(complete ? 1 : 0)
    }
  })

  it('closes on bytes that nobody asked for', async () => {
    const { connection, peer, counts } = await connected(kind)
    peer.write('HTTP/1.1 408 Request Timeout\r\n\r\n')
    await waitFor('close', () => counts.closed === 1)
    expect(connection.freeSlots).toBe(0)
  })

  it('delivers a response that comes before the request is complete, then closes', async () => {
    const { connection, peer, counts, text } = await connected(kind)
    const heard = new Heard()
    const exchange = connection.open(heard)
    exchange.sendRequest(request('POST'), NO_EDITS, -1, false)
    exchange.sendData(Buffer.from('part'), 0, 4)
    await waitFor('the part', () => text().endsWith('4\r\npart\r\n'))
    peer.write('HTTP/1.1 413 Too Large\r\ncontent-length: 2\r\n\r\nno')
    await waitFor('close', () => counts.closed === 1)
    expect(heard).toMatchObject({ body: 'no', events: [413, 'end'] })
    expect(exchange.sendData(Buffer.from('late'), 0, 4)).toBe(true)
    exchange.endRequest(null)
    exchange.reset(RESET_LOCAL)
    expect(counts).toEqual({ free: 0, closed: 1 })
  })

  it('pauses for its sink and delivers all of it', async () => {
    const { connection, peer, counts } = await connected(kind)
    const heard = new Heard()
    heard.takes = false
    const exchange = connection.open(heard)
    exchange.sendRequest(GET, NO_EDITS, 0, true)
    const chunk = `1000\r\n${'x'.repeat(4096)}\r\n`
    peer.write(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n${chunk.repeat(200)}0\r\n\r\n`)
    await waitFor('the first bytes', () => heard.received > 0)
    for (let i = 0; i < 5; i++) await turn()
    expect(heard.received).toBeLessThanOrEqual(4096)
    exchange.resumeResponse()
    await waitFor('more', () => heard.received > 4096)
    heard.takes = true
    exchange.resumeResponse()
    await waitFor('the slot', () => counts.free === 1)
    expect(heard.received).toBe(200 * 4096)
  })

  it('tells when a slow upstream has room again, and gives up on one that takes nothing', async () => {
    const block = Buffer.alloc(256 * 1024)
    const { connection, peer } = await connected(kind)
    peer.pause()
    const heard = new Heard()
    const exchange = connection.open(heard)
    exchange.sendRequest(request('PUT'), NO_EDITS, -1, false)
    while (exchange.sendData(block, 0, block.length)) continue
    peer.resume()
    await waitFor('room', () => heard.events.includes('writable'))
    const stuck = await connected(kind, { writeStallMs: 20 })
    stuck.peer.pause()
    const lost = new Heard()
    const stalled = stuck.connection.open(lost)
    stalled.sendRequest(request('PUT'), NO_EDITS, -1, false)
    while (stalled.sendData(block, 0, block.length)) continue
    await waitFor('close', () => stuck.counts.closed === 1)
    expect(lost.events).toEqual(['reset', RESET_LIMIT])
    expect(stuck.hits).toEqual(['writeStallMs'])
  })

  it('drains: at once when idle, else after the exchange', async () => {
    const idle = await connected(kind)
    idle.connection.drain()
    await waitFor('close', () => idle.counts.closed === 1)
    const busy = await connected(kind)
    const heard = new Heard()
    busy.connection.open(heard).sendRequest(GET, NO_EDITS, 0, true)
    busy.connection.drain()
    await waitFor('the request', () => busy.text() === REQUEST)
    busy.peer.write(HI)
    await waitFor('close', () => busy.counts.closed === 1)
    expect(heard.events).toEqual([200, 'end'])
    expect(busy.counts.free).toBe(0)
  })

  it('is silent after a reset, and a dead lease can not reach the next exchange', async () => {
    const { connection, peer, counts, text } = await connected(kind)
    const first = new Heard()
    const lease = connection.open(first)
    lease.sendRequest(GET, NO_EDITS, 0, true)
    await waitFor('the request', () => text() === REQUEST)
    peer.write(HI)
    await waitFor('the slot', () => counts.free === 1)
    const second = new Heard()
    const next = connection.open(second)
    lease.reset(RESET_LOCAL)
    expect(counts.closed).toBe(0)
    next.sendRequest(GET, NO_EDITS, 0, true)
    next.reset(RESET_LOCAL)
    await waitFor('close', () => counts.closed === 1)
    expect(second.events).toEqual([])
  })

  /** An exchange whose upgrade was taken. */
  async function tunnelled(limits: Partial<Http1Limits> = {}) {
    const link = await connected(kind, limits)
    const heard = new Heard()
    const exchange = link.connection.open(heard)
    exchange.sendRequest(GET, { ...NO_EDITS, upgrade: true }, 0, true)
    await waitFor('the request', () => link.text() === UPGRADE)
    link.peer.write(`${SWITCH}first `)
    await waitFor('the first bytes', () => heard.body === 'first ')
    expect(heard.events).toEqual(['upgrade', 101])
    return { ...link, heard, exchange }
  }

  it.each(['upstream', 'client'])('becomes a tunnel that ends with its second half, here the %s', async (last) => {
    const { peer, text, peerEnded, heard, exchange, counts, stream } = await tunnelled()
    const end = () => {
      exchange.sendData(Buffer.from('raw'), 0, 3)
      exchange.endRequest(null)
      expect(exchange.sendData(Buffer.from('late'), 0, 4)).toBe(true)
    }
    if (last === 'upstream') end()
    else peer.end(HI)
    await waitFor('one half', () => (last === 'upstream' ? peerEnded() : heard.events.includes('end')))
    expect(stream.closed).toBe(false)
    if (last === 'upstream') peer.end(HI)
    else end()
    await waitFor('close', () => counts.closed === 1)
    expect(heard).toMatchObject({ body: `first ${HI}`, events: ['upgrade', 101, 'end'] })
    expect([text(), peerEnded(), counts.free]).toEqual([`${UPGRADE}raw`, true, 0])
  })

  it('hands a tunnel on, pauses it, and lets its last bytes out before it closes', async () => {
    const { peer, heard, exchange, counts, connection } = await tunnelled()
    const other = new Heard()
    other.takes = false
    exchange.handOver(other)
    peer.end(Buffer.alloc(2_000_000))
    await waitFor('bytes', () => other.received > 0)
    const paused = other.received
    for (let i = 0; i < 5; i++) await turn()
    expect(other.received).toBe(paused)
    other.takes = true
    exchange.resumeResponse()
    await waitFor('the end', () => other.events.includes('end'))
    expect([heard.received, other.received]).toEqual(['first '.length, 2_000_000])
    let received = 0
    peer.pause()
    peer.on('data', (chunk: Buffer) => (received += chunk.length))
    const block = Buffer.alloc(1024 * 1024)
    let sent = block.length
    for (; exchange.sendData(block, 0, block.length); sent += block.length) continue
    exchange.endRequest(null)
    connection.drain()
    peer.resume()
    await waitFor('all of it', () => received === sent)
    await waitFor('close', () => counts.closed === 1)
  })

  it('does not wait for good for an upstream that takes no last bytes', async () => {
    const { peer, heard, exchange, counts } = await tunnelled({ writeStallMs: 20 })
    peer.end()
    await waitFor('the end', () => heard.events.includes('end'))
    peer.pause()
    const block = Buffer.alloc(256 * 1024)
    while (exchange.sendData(block, 0, block.length)) continue
    exchange.endRequest(null)
    await waitFor('close', () => counts.closed === 1)
    expect(heard.events).toEqual(['upgrade', 101, 'end'])
  })

  it('serves nothing else once it asked for an upgrade', async () => {
    const { connection, peer, counts, text } = await connected(kind)
    const heard = new Heard()
    connection.open(heard).sendRequest(GET, { ...NO_EDITS, upgrade: true }, 0, true)
    await waitFor('the request', () => text() === UPGRADE)
    peer.write(HI)
    await waitFor('close', () => counts.closed === 1)
    expect(heard).toMatchObject({ body: 'hi', events: [200, 'end'] })
    expect(counts.free).toBe(0)
  })

  it('reports a broken response as a protocol error', async () => {
    const { connection, peer, counts } = await connected(kind)
    const heard = new Heard()
    connection.open(heard).sendRequest(GET, NO_EDITS, 0, true)
    peer.write('HTTP/1.1 200 OK\nContent-Length: 0\n\n')
    await waitFor('close', () => counts.closed === 1)
    expect(heard.events).toEqual(['reset', RESET_PROTOCOL])
  })
})

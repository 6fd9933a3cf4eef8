import { afterEach, describe, expect, it } from '@jest/globals'
import { PATH } from '@fairlead/core/routing/request-view'
import { waitFor } from '@fairlead/testkit'
import { RESET_LIMIT, RESET_LOCAL, RESET_PROTOCOL, RESET_REMOTE, type ServerExchange } from '../http/exchange.js'
import { type LocalReply } from '../http/head.js'
import { HIGH_WATER_BYTES } from '../io/byte-stream.js'
import { TimerWheel } from '../io/timer-wheel.js'
import { HeadTable } from './head-table.js'
import { DEFAULT_HTTP1_LIMITS, type Http1Limits } from './limits.js'
import { createHttp1ServerConnection } from './server-connection.js'
import { ATTRIBUTES } from './testdata/forwarding-proxy.js'
import { IO_KINDS, type IoKind, type Loopback, loopback } from './testdata/loopback.js'

const CLOSE = '\r\nconnection: close\r\n'
const SWITCHED = 'HTTP/1.1 101 Switching Protocols\r\nconnection: upgrade\r\nupgrade: websocket\r\n\r\n'
const reply = (text: string): LocalReply => ({ status: 200, fields: [], body: Buffer.from(text) })
const post = (length: number, ...more: string[]) =>
  ['POST / HTTP/1.1', 'Host: a', `Content-Length: ${length}`, ...more, '', ''].join('\r\n')

/** One request as the handler saw it, and all that its owner was told. */
class Seen {
  body = ''
  received = 0
  takes = true
  readonly events: (string | number)[] = []
  constructor(readonly exchange: ServerExchange) {}
  onData(bytes: Uint8Array, start: number, end: number): boolean {
    this.received += end - start
    if (this.received < 1_000) this.body += Buffer.from(bytes.subarray(start, end)).toString('latin1')
    return this.takes
  }
  onEnd(): void {
    this.events.push('end')
  }
  onResponseWritable(): void {
    this.events.push('writable')
  }
  onRequestReset(reason: number): void {
    this.events.push('reset', reason)
  }
  onStreamIdle(): void {
    this.events.push('idle')
  }
  onExchangeEnd(): void {
    this.events.push('over')
  }
  get path(): string {
    const { bytes, ranges } = this.exchange.request
    return Buffer.from(bytes.subarray(ranges[PATH], ranges[PATH + 1])).toString('latin1')
  }
}

const open: Loopback[] = []
afterEach(() => {
  for (const each of open.splice(0)) each.close()
})

async function serve(kind: IoKind, act: (seen: Seen, index: number) => void, limits: Partial<Http1Limits> = {}) {
  const link = await loopback(kind)
  open.push(link)
  const requests: Seen[] = []
  let closed = 0
  const handler = {
    onRequest(exchange: ServerExchange) {
      const seen = new Seen(exchange)
      exchange.owner = seen
      act(seen, requests.push(seen) - 1)
    },
  }
  const owner = { onLimit: () => {}, onConnectionClosed: () => void closed++ }
  const all = { ...DEFAULT_HTTP1_LIMITS, ...limits }
  const connection = createHttp1ServerConnection(link.stream, ATTRIBUTES, handler, owner, new TimerWheel(), all)
  return { ...link, connection, requests, closed: () => closed }
}

const turn = () => new Promise((resolve) => setImmediate(resolve))

describe.each(IO_KINDS)('a server connection on %s sockets', (kind) => {
  it('answers pipelined requests in order, one at a time, however late', async () => {
    const { peer, text, requests } = await serve(kind, (seen, index) => {
      seen.exchange.retain()
      setImmediate(() => seen.exchange.sendLocalReply(reply(`${index}${seen.path}`), null))
    })
    peer.write(Array.from({ length: 5 }, (_, i) => `GET /${i} HTTP/1.1\r\nHost: a\r\n\r\n`).join(''))
    await waitFor('five answers', () => text().includes('4/4'))
    expect(text().match(/\d\/\d/g)).toEqual(['0/0', '1/1', '2/2', '3/3', '4/4'])
    expect(requests.map(({ events }) => events)).toEqual(Array.from({ length: 5 }, () => ['over']))
  })

  it('reads a body only when asked, pauses when told, and delivers all of it', async () => {
    const { peer, text, requests, stream } = await serve(kind, () => {})
    peer.write(post(1_000_000))
    peer.write(Buffer.alloc(1_000_000))
    await waitFor('the request', () => requests.length === 1)
    const [seen] = requests
    for (let i = 0; i < 5; i++) await turn()
    expect(seen!.received).toBe(0)
    seen!.takes = false
    seen!.exchange.startRequestBody()
    await waitFor('the first bytes', () => seen!.received > 0)
    const paused = seen!.received
    for (let i = 0; i < 5; i++) await turn()
    expect(seen!.received).toBe(paused)
    seen!.takes = true
    seen!.exchange.resumeRequestBody()
    await waitFor('the rest', () => seen!.events.includes('end'))
    expect(seen!.received).toBe(1_000_000)
    seen!.exchange.sendLocalReply(reply('done'), null)
    await waitFor('the answer', () => text().endsWith('done'))
    expect(text()).not.toContain(CLOSE)
    expect(stream.closed).toBe(false)
  })

  it('answers early, reads a short rest, and serves the next request', async () => {
    const { peer, text } = await serve(kind, (seen, index) =>
      seen.exchange.sendLocalReply(reply(`answer ${index}`), null),
    )
    peer.write(post(1_000))
    await waitFor('the early answer', () => text().endsWith('answer 0'))
    peer.write(`${'x'.repeat(1_000)}GET / HTTP/1.1\r\nHost: a\r\n\r\n`)
    await waitFor('the next answer', () => text().endsWith('answer 1'))
    expect(text()).not.toContain(CLOSE)
  })

  it('does not answer a second time when the rest behind an early answer is broken', async () => {
    const { peer, text, peerEnded } = await serve(kind, (seen) => seen.exchange.sendLocalReply(reply('only'), null))
    peer.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n')
    await waitFor('the early answer', () => text().endsWith('only'))
    peer.write('x\r\n')
    await waitFor('FIN', peerEnded)
    expect(text()).toMatch(/^HTTP\/1\.1 200 [^]*only$/)
  })

  it('answers early and closes where the rest is long, and the answer is not lost', async () => {
    const { peer, text, peerEnded, closed } = await serve(kind, (seen) =>
      seen.exchange.sendLocalReply(reply('no'), null),
    )
    peer.write(post(10_000_000))
    peer.write(Buffer.alloc(2_000_000))
    await waitFor('FIN', peerEnded)
    expect(text()).toContain(CLOSE)
    expect(text()).toMatch(/no$/)
    peer.end()
    await waitFor('close', () => closed() === 1)
  })

  it('passes 100 on and reads the body; without it, a final answer ends the connection', async () => {
    const first = await serve(kind, (seen) => {
      expect(seen.exchange.request.expectsContinue).toBe(true)
      const head = new HeadTable()
      head.status = 100
      seen.exchange.sendInformational(head)
      seen.exchange.startRequestBody()
      seen.onEnd = () => seen.exchange.sendLocalReply(reply(seen.body), null)
    })
    first.peer.write(post(2, 'Expect: 100-continue'))
    await waitFor('100', () => first.text() === 'HTTP/1.1 100 Continue\r\n\r\n')
    first.peer.write('hi')
    await waitFor('the answer', () => first.text().endsWith('hi'))
    expect(first.text()).not.toContain(CLOSE)
    const second = await serve(kind, (seen) =>
      seen.exchange.sendLocalReply({ status: 417, fields: [], body: null }, null),
    )
    second.peer.write(post(2, 'Expect: 100-continue'))
    await waitFor('FIN', second.peerEnded)
    expect(second.text()).toContain(CLOSE)
  })

  it('says close in the head of a longer final answer that comes instead of 100', async () => {
    const { peer, text, peerEnded } = await serve(kind, (seen) => {
      const head = new HeadTable()
      head.status = 200
      head.bodyLength = 2
      seen.exchange.sendResponse(head, null, false)
      seen.exchange.sendData(Buffer.from('no'), 0, 2)
      seen.exchange.endResponse(null)
    })
    peer.write(post(2, 'Expect: 100-continue'))
    await waitFor('FIN', peerEnded)
    expect(text()).toContain(CLOSE)
    expect(text()).toMatch(/no$/)
  })

  it('answers a client that half-closed after its request, then closes', async () => {
    const { peer, text, peerEnded } = await serve(
      kind,
      (seen) => void setImmediate(() => seen.exchange.sendLocalReply(reply('x'), null)),
    )
    peer.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await waitFor('FIN', peerEnded)
    expect(text()).toMatch(/x$/)
  })

  it('tells the owner once when the client goes', async () => {
    const { peer, requests, closed } = await serve(kind, () => {})
    peer.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await waitFor('the request', () => requests.length === 1)
    peer.resetAndDestroy()
    await waitFor('close', () => closed() === 1)
    expect(requests[0]!.events).toEqual(['reset', RESET_REMOTE])
    const { exchange } = requests[0]!
    exchange.sendLocalReply(reply('late'), null)
    exchange.reset(RESET_LOCAL)
    expect(requests[0]!.events).toHaveLength(2)
  })

  it('resets the exchange and answers 400 where the body breaks', async () => {
    const { peer, text, peerEnded, requests } = await serve(kind, (seen) => seen.exchange.startRequestBody())
    peer.write('POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\naxx')
    await waitFor('FIN', peerEnded)
    expect(text()).toMatch(/^HTTP\/1\.1 400 /)
    expect(requests[0]!.events).toEqual(['reset', RESET_PROTOCOL])
  })

  it('closes at a client that ends anywhere in a request, and forgets nothing', async () => {
    const request = `${post(3)}abc`
    for (let cut = 0; cut <= request.length; cut += 3) {
      const { peer, requests, closed } = await serve(kind, (seen) => seen.exchange.startRequestBody())
      peer.end(request.slice(0, cut))
      await waitFor('the end', () => closed() === 1 || requests[0]?.events.includes('end'))
      peer.destroy()
      requests[0]?.exchange.reset(RESET_LOCAL)
      await waitFor(`close at ${cut}`, () => closed() === 1)
      const events = requests[0]?.events ?? []
      expect(events.filter((event) => event === 'reset').length).toBeLessThanOrEqual(1)
    }
  })

  it('keeps the deadlines of each phase', async () => {
    const idle = await serve(kind, () => {}, { firstByteMs: 20 })
    await waitFor('FIN', idle.peerEnded)
    expect(idle.text()).toBe('')
    const slow = await serve(kind, () => {}, { headMs: 20 })
    slow.peer.write('GET / HT')
    await waitFor('FIN', slow.peerEnded)
    expect(slow.text()).toMatch(/^HTTP\/1\.1 408 /)
    const body = await serve(kind, (seen) => seen.exchange.startRequestBody(), { bodyIdleMs: 20 })
    body.peer.write(post(5))
    await waitFor('FIN', body.peerEnded)
    expect(body.text()).toMatch(/^HTTP\/1\.1 408 /)
    expect(body.requests[0]!.events).toEqual(['reset', RESET_LIMIT])
    const rest = await serve(kind, (seen) => seen.exchange.sendLocalReply(reply('x'), null), { drainMs: 20 })
    rest.peer.write(post(5))
    await waitFor('FIN', rest.peerEnded)
  })

  it('stops at a client that does not read, goes on when it does, and gives up when it never does', async () => {
    const block = Buffer.alloc(64 * 1024, 0x61)
    const fill = (seen: Seen) => {
      const head = new HeadTable()
      head.status = 200
      head.bodyLength = -1
      seen.exchange.sendResponse(head, null, false)
      while (seen.exchange.sendData(block, 0, block.length)) continue
    }
    const { peer, stream, requests, text } = await serve(kind, fill)
    peer.pause()
    peer.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await waitFor('the request', () => requests.length === 1)
    expect(stream.bufferedBytes).toBeGreaterThan(0)
    peer.resume()
    await waitFor('room', () => requests[0]!.events.includes('writable'))
    requests[0]!.exchange.endResponse(null)
    await waitFor('the end', () => text().endsWith('\r\n0\r\n\r\n'))
    const stuck = await serve(kind, fill, { writeStallMs: 20 })
    stuck.peer.pause()
    stuck.peer.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await waitFor('close', () => stuck.closed() === 1)
    expect(stuck.requests[0]!.events).toEqual(['reset', RESET_LIMIT])
  })

  it('drains: an idle connection after a grace, a busy one with its answer', async () => {
    const idle = await serve(kind, () => {}, { drainIdleMs: 10 })
    idle.connection.drain()
    await waitFor('FIN', idle.peerEnded)
    expect(idle.text()).toBe('')
    const busy = await serve(kind, () => {})
    busy.peer.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await waitFor('the request', () => busy.requests.length === 1)
    busy.connection.drain()
    busy.requests[0]!.exchange.sendLocalReply(reply('last'), null)
    await waitFor('FIN', busy.peerEnded)
    expect(busy.text()).toContain(CLOSE)
    expect(busy.text()).toMatch(/last$/)
  })

  /** A request that was upgraded, and what its owner gets. */
  async function tunnelled(early = '', limits: Partial<Http1Limits> = {}) {
    const link = await serve(kind, () => {}, limits)
    link.peer.write(`GET / HTTP/1.1\r\nHost: a\r\nConnection: upgrade\r\nUpgrade: websocket\r\n\r\n${early}`)
    await waitFor('the request', () => link.requests.length === 1)
    const seen = link.requests[0]!
    const head = new HeadTable()
    head.status = 101
    expect(seen.exchange.request.upgrade).toBe(true)
    seen.exchange.acceptUpgrade(head, null)
    await waitFor('101', () => link.text() === SWITCHED)
    return { ...link, seen }
  }

  it('becomes a tunnel: early bytes first, half-closes one by one, and no request after it', async () => {
    const { peer, text, seen, peerEnded, closed, requests } = await tunnelled('early ')
    const { exchange } = seen
    peer.end('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await waitFor('the end', () => seen.events.includes('end'))
    expect(seen.body).toBe('early GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(exchange.sendData(Buffer.from('raw'), 0, 3)).toBe(true)
    await waitFor('the bytes', () => text() === `${SWITCHED}raw`)
    expect(peerEnded()).toBe(false)
    exchange.endResponse(null)
    await waitFor('close', () => closed() === 1)
    expect([peerEnded(), seen.events, requests.length]).toEqual([true, ['end', 'over'], 1])
  })

  it('reads and buffers no more of a tunnel than its bounds', async () => {
    const { peer, seen, stream } = await tunnelled()
    seen.takes = false
    peer.write(Buffer.alloc(8_000_000))
    await waitFor('the first bytes', () => seen.received > 0)
    const paused = seen.received
    for (let i = 0; i < 5; i++) await turn()
    expect(seen.received).toBe(paused)
    seen.takes = true
    seen.exchange.resumeRequestBody()
    await waitFor('the rest', () => seen.received === 8_000_000)
    peer.pause()
    const block = Buffer.alloc(64 * 1024)
    while (seen.exchange.sendData(block, 0, block.length)) continue
    expect(stream.bufferedBytes).toBeLessThanOrEqual(HIGH_WATER_BYTES + block.length)
    peer.resume()
    await waitFor('room', () => seen.events.includes('writable'))
  })

  it('gives up a tunnel whose client takes nothing, and tells of one that was reset', async () => {
    const stuck = await tunnelled('', { writeStallMs: 20 })
    stuck.peer.pause()
    const block = Buffer.alloc(64 * 1024)
    while (stuck.seen.exchange.sendData(block, 0, block.length)) continue
    await waitFor('close', () => stuck.closed() === 1)
    expect(stuck.seen.events).toEqual(['reset', RESET_LIMIT])
    const lost = await tunnelled()
    lost.peer.resetAndDestroy()
    await waitFor('close', () => lost.closed() === 1)
    expect(lost.seen.events).toEqual(['reset', RESET_REMOTE])
  })

  it('takes no upgrade that was not asked for', async () => {
    const { peer, requests } = await serve(kind, () => {})
    peer.write('GET / HTTP/1.1\r\nHost: a\r\nUpgrade: websocket\r\n\r\n')
    await waitFor('the request', () => requests.length === 1)
    expect(() => requests[0]!.exchange.acceptUpgrade(new HeadTable(), null)).toThrow('no upgrade')
  })

  it('destroys at once, telling the owner of the request and of the connection', async () => {
    const { peer, requests, connection, closed } = await serve(kind, () => {})
    peer.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await waitFor('the request', () => requests.length === 1)
    connection.destroy()
    expect(requests[0]!.events).toEqual(['reset', RESET_LOCAL])
    await waitFor('close', () => closed() === 1)
  })

  it('never sends more or less than a response announced', async () => {
    for (const sent of [1, 3]) {
      const { peer, text, closed } = await serve(kind, (seen) => {
        const head = new HeadTable()
        head.status = 200
        head.bodyLength = 2
        seen.exchange.sendResponse(head, null, false)
        seen.exchange.sendData(Buffer.from('abc'), 0, sent)
        seen.exchange.endResponse(null)
      })
      peer.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
      await waitFor('close', () => closed() === 1)
      expect(text()).not.toContain('abc')
    }
  })
})

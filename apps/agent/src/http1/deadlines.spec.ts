import { describe, expect, it } from '@jest/globals'
import { RESET_LIMIT, type ServerExchange } from '../http/exchange.js'
import { type LocalReply } from '../http/head.js'
import { VirtualTime } from '../io/testdata/virtual-time.js'
import { TimerWheel } from '../io/timer-wheel.js'
import { type LimitName } from '../limits/limits.js'
import { HeadTable } from './head-table.js'
import { DEFAULT_HTTP1_LIMITS, type Http1Limits } from './limits.js'
import { createHttp1ServerConnection } from './server-connection.js'
import { ATTRIBUTES } from './testdata/forwarding-proxy.js'
import { MemoryStream } from './testdata/memory-stream.js'

const GET = 'GET / HTTP/1.1\r\nHost: a\r\n\r\n'
const post = (length: number) => `POST / HTTP/1.1\r\nHost: a\r\nContent-Length: ${length}\r\n\r\n`
const OK: LocalReply = { status: 200, fields: [], body: null }
const IDLE: LocalReply = { status: 504, fields: [], body: null }

/** Every deadline its own, so that which one fired is seen by the time alone. */
const LIMITS: Http1Limits = {
  ...DEFAULT_HTTP1_LIMITS,
  firstByteMs: 1_000,
  headMs: 2_000,
  bodyIdleMs: 3_000,
  streamIdleMs: 4_000,
  keepAliveMs: 5_000,
  writeStallMs: 6_000,
  writeStallBytes: 100,
  drainMs: 7_000,
  drainIdleMs: 300,
  lingerMs: 400,
}

/** A client that takes of what is sent only as much as it is told to. */
class ChokedStream extends MemoryStream {
  choked = false
  override write(bytes: Uint8Array, start: number, end: number): boolean {
    super.write(bytes, start, end)
    if (this.choked) this.bufferedBytes += end - start
    return this.bufferedBytes <= 1_000
  }
  take(bytes: number) {
    this.bufferedBytes -= bytes
  }
}

function connect(limits: Partial<Http1Limits> = {}, onRequest: (exchange: ServerExchange) => void = () => {}) {
  const time = new VirtualTime()
  const stream = new ChokedStream()
  const hits: LimitName[] = []
  const exchanges: ServerExchange[] = []
  const resets: number[] = []
  const owner = { onLimit: (limit: LimitName) => void hits.push(limit), onConnectionClosed() {} }
  const handler = {
    onRequest(exchange: ServerExchange) {
      exchanges.push(exchange)
      exchange.owner = {
        onData: () => takes.body,
        onEnd() {},
        onResponseWritable() {},
        onRequestReset: (reason) => void resets.push(reason),
        onStreamIdle: () => exchange.sendLocalReply(IDLE, null),
        onExchangeEnd() {},
      }
      onRequest(exchange)
    },
  }
  const takes = { body: true }
  const wheel = new TimerWheel(time)
  const connection = createHttp1ServerConnection(stream, ATTRIBUTES, handler, owner, wheel, { ...LIMITS, ...limits })
  return { time, stream, hits, exchanges, resets, takes, connection, wheel }
}

type Connected = ReturnType<typeof connect>

const answer = (exchange: ServerExchange) => exchange.sendLocalReply(OK, null)
const statuses = (stream: MemoryStream) => [...stream.written.matchAll(/HTTP\/1\.1 (\d{3})/g)].map((match) => match[1])

function beginResponse(exchange: ServerExchange) {
  const head = new HeadTable()
  head.status = 200
  head.bodyLength = -1
  exchange.sendResponse(head, null, false)
}

function send(exchange: ServerExchange, bytes: number) {
  exchange.sendData(Buffer.alloc(bytes), 0, bytes)
}

interface Phase {
  readonly name: string
  readonly arrange: (connected: Connected) => void
  readonly deadlineMs: number
  readonly hit: LimitName
  /** What the client sees: status lines, and how the connection ends. */
  readonly sees: readonly (string | undefined)[]
  readonly end: 'FIN' | 'cut' | 'kept'
}

const PHASES: readonly Phase[] = [
  {
    name: 'a new connection without a byte',
    arrange: () => {},
    deadlineMs: 1_000,
    hit: 'firstByteMs',
    sees: [],
    end: 'FIN',
  },
  {
    name: 'a head under way',
    arrange: ({ stream }) => stream.feed('GET / HT'),
    deadlineMs: 2_000,
    hit: 'headMs',
    sees: ['408'],
    end: 'FIN',
  },
  {
    name: 'a head that trickles',
    arrange: ({ stream, time }) => {
      for (const byte of 'GET / HTTP/1.1\r\nHo') {
        stream.feed(byte)
        time.pass(100)
      }
    },
    deadlineMs: 2_000 - 1_800,
    hit: 'headMs',
    sees: ['408'],
    end: 'FIN',
  },
  {
    name: 'a request that waits for its answer',
    arrange: ({ stream }) => stream.feed(GET),
    deadlineMs: 4_000,
    hit: 'streamIdleMs',
    sees: ['504'],
    end: 'kept',
  },
  {
    name: 'a body that was asked for and does not come',
    arrange: ({ stream, exchanges }) => {
      stream.feed(post(5))
      exchanges[0]!.startRequestBody()
    },
    deadlineMs: 3_000,
    hit: 'bodyIdleMs',
    sees: ['408'],
    end: 'FIN',
  },
  {
    name: 'a body that nobody takes',
    arrange: ({ stream, exchanges, takes }) => {
      stream.feed(post(5_000_000))
      exchanges[0]!.startRequestBody()
      takes.body = false
      stream.feed('x')
    },
    deadlineMs: 4_000,
    hit: 'streamIdleMs',
    sees: ['504'],
    end: 'FIN',
  },
  {
    name: 'a body that is complete, with an answer that does not come',
    arrange: ({ stream, exchanges, time }) => {
      stream.feed(post(1))
      exchanges[0]!.startRequestBody()
      time.pass(2_900)
      stream.feed('x')
    },
    deadlineMs: 4_000,
    hit: 'streamIdleMs',
    sees: ['504'],
    end: 'kept',
  },
  {
    name: 'the rest of a request that is answered',
    arrange: ({ stream, exchanges }) => {
      stream.feed(post(5))
      answer(exchanges[0]!)
    },
    deadlineMs: 7_000,
    hit: 'drainMs',
    sees: ['200'],
    end: 'FIN',
  },
  {
    name: 'an idle connection',
    arrange: ({ stream, exchanges }) => {
      stream.feed(GET)
      answer(exchanges[0]!)
    },
    deadlineMs: 5_000,
    hit: 'keepAliveMs',
    sees: ['200'],
    end: 'FIN',
  },
  {
    name: 'an idle connection of a listener that drains',
    arrange: ({ stream, exchanges, connection }) => {
      stream.feed(GET)
      answer(exchanges[0]!)
      connection.drain()
    },
    deadlineMs: 300,
    hit: 'drainIdleMs',
    sees: ['200'],
    end: 'FIN',
  },
  {
    name: 'a client that takes nothing of a response under way',
    arrange: ({ stream, exchanges }) => {
      stream.feed(GET)
      stream.choked = true
      beginResponse(exchanges[0]!)
      send(exchanges[0]!, 2_000)
    },
    deadlineMs: 6_000,
    hit: 'writeStallMs',
    sees: ['200'],
    end: 'cut',
  },
  {
    name: 'a client that does not close after us',
    arrange: ({ stream }) => stream.feed('nonsense\r\n\r\n'),
    deadlineMs: 400,
    hit: 'lingerMs',
    sees: ['400'],
    end: 'cut',
  },
]

describe('a server connection', () => {
  it.each(PHASES)('gives $name its deadline', ({ arrange, deadlineMs, hit, sees, end }) => {
    const connected = connect()
    const { time, stream, hits } = connected
    arrange(connected)
    time.pass(deadlineMs - 20)
    expect(hits).toEqual([])
    time.pass(50)
    expect(hits).toEqual([hit])
    expect(statuses(stream)).toEqual(sees)
    expect(stream.closed ? 'cut' : stream.ended ? 'FIN' : 'kept').toBe(end)
  })

  it('has a deadline in each of these phases, and none when it is gone', () => {
    for (const { arrange } of PHASES) {
      const connected = connect()
      arrange(connected)
      expect(connected.wheel.size).toBeGreaterThan(0)
      connected.connection.destroy()
      connected.stream.close()
      expect(connected.wheel.size).toBe(0)
    }
  })

  it('cuts a response that began and stands still', () => {
    const { stream, time, hits, exchanges } = connect({}, (exchange) => {
      exchange.owner!.onStreamIdle = () => exchange.reset(RESET_LIMIT)
    })
    stream.feed(GET)
    beginResponse(exchanges[0]!)
    send(exchanges[0]!, 10)
    time.pass(4_050)
    // It moved in the first span.
    expect(hits).toEqual([])
    time.pass(4_050)
    expect(hits).toEqual(['streamIdleMs'])
    expect(stream.closed).toBe(true)
  })

  it('lets a request live as long as something moves, whichever way', () => {
    const { stream, time, hits, exchanges } = connect()
    stream.feed(post(1_000))
    exchanges[0]!.startRequestBody()
    for (let i = 0; i < 10; i++) {
      stream.feed('x')
      time.pass(2_000)
    }
    beginResponse(exchanges[0]!)
    for (let i = 0; i < 10; i++) {
      send(exchanges[0]!, 1)
      time.pass(3_900)
    }
    expect(hits).toEqual([])
  })

  it('ends a body that is slower than its minimum rate', () => {
    const { stream, time, hits, resets, exchanges } = connect({ bodyIdleBytes: 100 })
    stream.feed(post(1_000))
    exchanges[0]!.startRequestBody()
    stream.feed('x'.repeat(100))
    time.pass(3_050)
    expect(hits).toEqual([])
    for (let i = 0; i < 3; i++) {
      stream.feed('x'.repeat(33))
      time.pass(990)
    }
    time.pass(60)
    expect(hits).toEqual(['bodyIdleMs'])
    expect(resets).toEqual([RESET_LIMIT])
    expect(statuses(stream)).toEqual(['408'])
  })

  it.each([
    [100, [], false],
    [99, ['writeStallMs'], true],
  ])('with a client that takes %d bytes in each span', (bytes, expected, closed) => {
    const { stream, time, hits, exchanges } = connect()
    stream.feed(GET)
    stream.choked = true
    beginResponse(exchanges[0]!)
    send(exchanges[0]!, 10_000)
    for (let i = 0; i < 5 && !stream.closed; i++) {
      stream.take(bytes)
      time.pass(6_020)
    }
    expect(hits).toEqual(expected)
    expect(stream.closed).toBe(closed)
  })

  it('asks no more of a client than waited for it when the span began', () => {
    const { stream, time, hits, exchanges } = connect({ writeStallBytes: 5_000, streamIdleMs: 60_000 })
    stream.feed(GET)
    stream.choked = true
    beginResponse(exchanges[0]!)
    send(exchanges[0]!, 2_000)
    time.pass(5_000)
    stream.take(stream.bufferedBytes)
    send(exchanges[0]!, 500)
    time.pass(5_000)
    expect(hits).toEqual([])
    time.pass(5_000)
    expect(hits).toEqual(['writeStallMs'])
  })

  it('forgives a client that took all that it owed, and begins anew', () => {
    const { stream, time, hits, exchanges } = connect({ keepAliveMs: 60_000 })
    stream.choked = true
    for (let i = 0; i < 4; i++) {
      stream.feed(GET)
      answer(exchanges[i]!)
      expect(stream.bufferedBytes).toBeLessThan(100)
      time.pass(5_000)
      stream.take(stream.bufferedBytes)
    }
    expect(hits).toEqual([])
    stream.feed(GET)
    answer(exchanges[4]!)
    time.pass(6_050)
    expect(hits).toEqual(['writeStallMs'])
    expect(stream.closed).toBe(true)
  })

  it('says with the last request that it serves that it is the last', () => {
    const { stream, hits, exchanges } = connect({ requestsMax: 2 }, answer)
    stream.feed(GET)
    expect(stream.written).not.toContain('connection: close')
    expect(hits).toEqual([])
    stream.feed(GET)
    expect(stream.written).toMatch(/connection: close/)
    expect(hits).toEqual(['requestsMax'])
    expect(stream.ended).toBe(true)
    stream.feed(GET)
    expect(exchanges).toHaveLength(2)
  })

  it.each<[string, string, LimitName, string]>([
    ['a head', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(LIMITS.headBytes)}\r\n\r\n`, 'headBytes', '431'],
    ['fields', `GET / HTTP/1.1\r\nHost: a\r\n${'X: y\r\n'.repeat(100)}\r\n`, 'fieldsMax', '431'],
    ['a target', `GET /${'x'.repeat(LIMITS.targetBytes)} HTTP/1.1\r\nHost: a\r\n\r\n`, 'targetBytes', '414'],
    ['a method', `${'X'.repeat(33)} / HTTP/1.1\r\nHost: a\r\n\r\n`, 'methodBytes', '501'],
    ['a chunk extension', chunked(`1;${'x'.repeat(17_000)}\r\n`), 'chunkExtensionBytes', '400'],
    ['trailers', chunked(`0\r\nX: ${'y'.repeat(9_000)}\r\n\r\n`), 'trailerBytes', '400'],
    ['trailer fields', chunked(`0\r\n${'X: y\r\n'.repeat(33)}\r\n`), 'trailerFieldsMax', '400'],
  ])('names the bound that %s went beyond', (_what, bytes, limit, status) => {
    const { stream, hits } = connect({}, (exchange) => exchange.startRequestBody())
    stream.feed(bytes)
    expect(hits).toEqual([limit])
    expect(statuses(stream)).toEqual([status])
  })

  it('names the bound of a rest that is too long', () => {
    const { stream, hits } = connect({ drainBytes: 100 }, answer)
    stream.feed(chunked(`64\r\n${'x'.repeat(100)}\r\n`))
    expect(hits).toEqual([])
    stream.feed('1\r\nx')
    expect(hits).toEqual(['drainBytes'])
    expect(stream.ended).toBe(true)
  })

  it('counts nothing for what is merely wrong', () => {
    const { stream, hits } = connect()
    stream.feed('GET / HTTP/1.1\r\nHost: a\r\nHost: a\r\n\r\n')
    expect(statuses(stream)).toEqual(['400'])
    expect(hits).toEqual([])
  })
})

function chunked(body: string) {
  return `POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n${body}`
}

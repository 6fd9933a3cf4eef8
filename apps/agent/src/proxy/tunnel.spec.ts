import { describe, expect, it } from '@jest/globals'
import { type ClientExchange, RESET_LIMIT, type ResponseSink, type ServerExchange } from '../http/exchange.js'
import { FLAG_STREAM_IDLE_TIMEOUT } from '../http/outcome.js'
import { VirtualTime } from '../io/testdata/virtual-time.js'
import { TimerWheel } from '../io/timer-wheel.js'
import { createHttpStats, UPGRADES_ACTIVE, UPGRADES_IDLE_TIMEOUT } from './http-stats.js'
import { Tunnel } from './tunnel.js'

const BYTES = Buffer.from('abc')
const IDLE_MS = 1_000

/** A tunnel between two exchanges that only say what they were told. */
function open() {
  const clock = new VirtualTime()
  const told: string[] = []
  const tell = (what: string) => () => void told.push(what)
  const downstream = {
    owner: null,
    sendData: () => true,
    endResponse: tell('end down'),
    resumeRequestBody: tell('resume down'),
    reset: tell('reset down'),
  } as unknown as ServerExchange
  let sink: ResponseSink | null = null
  const upstream = {
    handOver: (to: ResponseSink) => (sink = to),
    sendData: () => true,
    endRequest: tell('end up'),
    resumeResponse: tell('resume up'),
    reset: tell('reset up'),
  } as unknown as ClientExchange
  const stats = createHttpStats('outbound')
  const wheel = new TimerWheel(clock)
  const owner = { onTunnelEnd: (flags: number) => void told.push(`over ${flags}`) }
  new Tunnel({ downstream, upstream }, owner, stats, wheel, IDLE_MS)
  return { clock, wheel, told, stats, client: downstream.owner!, server: sink! as ResponseSink }
}

describe('a tunnel', () => {
  it('is idle from its last byte in either direction', () => {
    const { clock, client, server, told, stats } = open()
    for (const end of [client, server, client]) {
      clock.pass(IDLE_MS - 100)
      end.onData(BYTES, 0, 3)
    }
    clock.pass(IDLE_MS - 100)
    expect(told).toEqual([])
    clock.pass(200)
    expect(told).toEqual(['reset up', 'reset down', `over ${FLAG_STREAM_IDLE_TIMEOUT}`])
    expect([stats.values[UPGRADES_ACTIVE], stats.values[UPGRADES_IDLE_TIMEOUT]]).toEqual([0, 1])
  })

  it('passes on ends and room, each to the other side', () => {
    const { client, server, told, wheel } = open()
    client.onResponseWritable()
    server.onRequestWritable()
    client.onEnd(null)
    server.onEnd(null)
    expect(told).toEqual(['resume up', 'resume down', 'end up', 'end down'])
    client.onExchangeEnd()
    expect(told.at(-1)).toBe('over 0')
    expect(wheel.size).toBe(0)
  })

  it.each(['client', 'server'] as const)('tells once of a %s that took nothing for too long', (who) => {
    const { client, server, told, wheel } = open()
    if (who === 'client') client.onRequestReset(RESET_LIMIT)
    else server.onResponseReset(RESET_LIMIT)
    client.onExchangeEnd()
    expect(told).toEqual(['reset up', 'reset down', `over ${FLAG_STREAM_IDLE_TIMEOUT}`])
    expect(wheel.size).toBe(0)
  })

  it('knows no messages', () => {
    const { server } = open()
    const head = {} as Parameters<ResponseSink['onUpgrade']>[0]
    for (const act of [
      () => server.onInformational(head),
      () => server.onResponse(head, true),
      () => server.onUpgrade(head),
    ]) {
      expect(act).toThrow('within a tunnel')
    }
  })
})

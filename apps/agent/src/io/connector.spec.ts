import { afterEach, describe, expect, it } from '@jest/globals'
import { join } from 'node:path'
import { tempFolder, waitFor } from '@fairlead/testkit'
import { type ByteStream } from './byte-stream.js'
import { connectStream } from './connector.js'
import { FastSocketStream } from './fast-socket.js'
import { type BoundListener, bindListener } from './listener.js'
import { TimerWheel, type WheelClock } from './timer-wheel.js'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const each of open.splice(0)) await each.close()
})

async function listen(options: { path?: string; port?: number } = {}) {
  const streams: ByteStream[] = []
  const listener: BoundListener = await bindListener({
    ...options,
    onStream: (stream) => {
      streams.push(stream)
      open.push({ close: () => stream.destroy() })
    },
  })
  open.push(listener)
  return { listener, streams }
}

function attempt(options: { port?: number; path?: string; timeoutMs?: number; clock?: WheelClock }) {
  const result = { streams: [] as ByteStream[], errors: [] as string[] }
  const wheel = new TimerWheel(options.clock)
  const pending = connectStream(
    { timeoutMs: 5_000, wheel, ...options },
    {
      onConnected: (stream) => {
        result.streams.push(stream)
        open.push({ close: () => stream.destroy() })
      },
      onFailed: (error) => void result.errors.push(error.code ?? error.message),
    },
  )
  return { result, pending, wheel }
}

describe('connectStream', () => {
  it('makes the fast sockets that a listener makes', async () => {
    const { listener, streams } = await listen()
    const { result } = attempt({ port: listener.port })
    await waitFor('connection', () => result.streams.length === 1 && streams.length === 1)
    expect(streams[0]).toBeInstanceOf(FastSocketStream)
    expect(result.streams[0]).toBeInstanceOf(FastSocketStream)
  })

  it('connects, and leaves no timer behind', async () => {
    const { listener, streams } = await listen()
    const { result, wheel } = attempt({ port: listener.port })
    await waitFor('connection', () => result.streams.length === 1 && streams.length === 1)
    expect(result.errors).toEqual([])
    expect(wheel.size).toBe(0)
    expect(streams[0]!.remotePort).toBe(result.streams[0]!.localPort)
  })

  it('connects to a path', async () => {
    const folder = await tempFolder('connector')
    const path = join(folder.path, 'socket')
    const { streams } = await listen({ path })
    const { result } = attempt({ path })
    await waitFor('connection', () => result.streams.length === 1 && streams.length === 1)
    await folder.remove()
  })

  it('reports a refusal', async () => {
    const { listener } = await listen()
    await listener.close()
    const { result } = attempt({ port: listener.port })
    await waitFor('refusal', () => result.errors.length === 1)
    expect(result.errors).toEqual(['ECONNREFUSED'])
  })

  it('gives up at its deadline, and says so once', async () => {
    const { listener } = await listen()
    let time = 0
    let tick = () => {}
    const clock = { now: () => time, every: (_ms: number, act: () => void) => ((tick = act), () => {}) }
    const { result } = attempt({ port: listener.port, timeoutMs: 50, clock })
    time = 100
    tick()
    expect(result.errors).toEqual(['ETIMEDOUT'])
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    expect(result).toEqual({ streams: [], errors: ['ETIMEDOUT'] })
  })

  it('calls nothing after cancel', async () => {
    const { listener } = await listen()
    const { result, pending } = attempt({ port: listener.port })
    pending.cancel()
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    expect(result).toEqual({ streams: [], errors: [] })
  })
})

describe('bindListener', () => {
  it('says who listens already', async () => {
    const { listener } = await listen()
    await expect(listen({ port: listener.port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${listener.port}: another process listens there`,
    )
  })

  it('says that a path cannot be made', async () => {
    await expect(listen({ path: '/proc/none/socket' })).rejects.toThrow('cannot listen on /proc/none/socket')
  })

  it('frees its address, and keeps its connections', async () => {
    const { listener, streams } = await listen()
    const { result } = attempt({ port: listener.port })
    await waitFor('connection', () => result.streams.length === 1 && streams.length === 1)
    await listener.close()
    const again = await listen({ port: listener.port })
    expect(again.listener.port).toBe(listener.port)
    expect(streams[0]!.closed).toBe(false)
  })
})

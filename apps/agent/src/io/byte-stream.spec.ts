import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { connect, createServer, type Server, type Socket } from 'node:net'
import { waitFor } from '@fairlead/testkit'
import { type ByteStream, HIGH_WATER_BYTES } from './byte-stream.js'
import { adoptAccepted, connectFast, fastSocketsWork } from './fast-socket.js'
import { SocketStream } from './socket-stream.js'

interface Side {
  stream: ByteStream
  received: Buffer[]
  ended: boolean
  writable: number
  closed: boolean[]
}

function listenTo(stream: ByteStream): Side {
  const side: Side = { stream, received: [], ended: false, writable: 0, closed: [] }
  stream.handler = {
    onBytes: (buffer, start, end) => void side.received.push(Buffer.from(buffer.subarray(start, end))),
    onWritable: () => void side.writable++,
    onEnd: () => void (side.ended = true),
    onClose: (hadError) => void side.closed.push(hadError),
  }
  return side
}

const text = (side: Side) => Buffer.concat(side.received).toString('latin1')

const IMPLEMENTATIONS = [
  ['fast', (socket: Socket): ByteStream => adoptAccepted(socket)],
  ['portable', (socket: Socket): ByteStream => new SocketStream(socket)],
] as const

describe.each(IMPLEMENTATIONS)('a %s byte stream', (_kind, wrap) => {
  let server: Server
  let peer: Socket
  let side: Side

  beforeEach(async () => {
    server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const address = server.address() as { port: number }
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
    peer = connect({ host: '127.0.0.1', port: address.port, allowHalfOpen: true })
    side = listenTo(wrap(await accepted))
  })

  afterEach(() => {
    peer.destroy()
    side.stream.destroy()
    server.close()
  })

  it('knows both addresses', () => {
    expect(side.stream.localPort).toBe((server.address() as { port: number }).port)
    expect(side.stream.remoteAddress).toBe('127.0.0.1')
    expect(side.stream.remotePort).toBe(peer.localPort)
  })

  it('is born paused, and hands on bytes and FIN in order after resume', async () => {
    peer.write('hello')
    await new Promise((resolve) => peer.write(' world', resolve))
    expect(side.received).toEqual([])
    side.stream.resume()
    peer.end()
    await waitFor('FIN', () => side.ended)
    expect(text(side)).toBe('hello world')
  })

  it('reads nothing while paused', async () => {
    side.stream.resume()
    peer.write('1')
    await waitFor('first byte', () => text(side) === '1')
    side.stream.pause()
    await new Promise((resolve) => peer.write('2', resolve))
    for (let turn = 0; turn < 5; turn++) await new Promise(setImmediate)
    expect(text(side)).toBe('1')
    side.stream.resume()
    await waitFor('second byte', () => text(side) === '12')
  })

  it('sends staged bytes with the next write, or at the end of the turn, once and in order', async () => {
    const got: Buffer[] = []
    peer.on('data', (chunk: Buffer) => void got.push(chunk))
    const bytes = Buffer.from('abcdef')
    side.stream.stage(bytes, 0, 2)
    expect(side.stream.sentBytes).toBe(0)
    side.stream.write(bytes, 2, 4)
    expect(side.stream.sentBytes).toBe(4)
    side.stream.stage(bytes, 4, 6)
    bytes.fill(0)
    await waitFor('all of it', () => Buffer.concat(got).length === 6)
    expect(Buffer.concat(got).toString()).toBe('abcdef')
  })

  it('takes bytes at once, says when it has enough, and when there is room again', async () => {
    const block = Buffer.alloc(100_000)
    let sent = 0
    let room = true
    while (room) {
      block.fill(sent % 251)
      room = side.stream.write(block, 0, block.length)
      sent++
    }
    block.fill(255)
    expect(side.stream.bufferedBytes).toBeGreaterThan(HIGH_WATER_BYTES)
    expect(side.writable).toBe(0)
    const got: Buffer[] = []
    peer.on('data', (chunk: Buffer) => void got.push(chunk))
    await waitFor('room', () => side.writable === 1)
    side.stream.end()
    await new Promise((resolve) => peer.once('end', resolve))
    const all = Buffer.concat(got)
    expect(all.length).toBe(sent * block.length)
    for (let i = 0; i < sent; i++) expect(all[i * block.length + 99_999]).toBe(i % 251)
    expect(side.stream.bufferedBytes).toBe(0)
  })

  it('closes once, after both sides ended or when destroyed, and ignores what comes later', async () => {
    side.stream.resume()
    const bytes = Buffer.from('x')
    side.stream.write(bytes, 0, 1)
    side.stream.end()
    side.stream.write(bytes, 0, 1)
    peer.resume()
    await new Promise((resolve) => peer.once('end', resolve))
    peer.end()
    await waitFor('close', () => side.closed.length > 0)
    side.stream.destroy()
    side.stream.write(bytes, 0, 1)
    side.stream.resume()
    expect(side.closed).toEqual([false])
    expect(side.stream.closed).toBe(true)
  })

  it('reports a reset as an error', async () => {
    side.stream.resume()
    peer.resetAndDestroy()
    await waitFor('close', () => side.closed.length > 0)
    expect(side.closed).toEqual([true])
  })

  it('says that it has enough when many ranges wait for the kernel, however small they are', () => {
    const block = Buffer.alloc(10_000)
    while (side.stream.bufferedBytes === 0) side.stream.write(block, 0, block.length)
    let ranges = 1
    while (side.stream.write(block, 0, 1)) ranges++
    expect(ranges).toBeLessThan(40)
    expect(side.stream.bufferedBytes).toBeLessThan(HIGH_WATER_BYTES)
    expect(side.stream.congested).toBe(true)
  })

  it('counts buffered bytes in a gauge too, until they are out or the stream is gone', async () => {
    const gauge = new Float64Array(2)
    const block = Buffer.alloc(1_000_000)
    side.stream.countBuffered(gauge, 1)
    while (side.stream.write(block, 0, block.length)) await new Promise(setImmediate)
    expect([...gauge]).toEqual([0, side.stream.bufferedBytes])
    peer.resume()
    await waitFor('room', () => side.writable === 1)
    expect([...gauge]).toEqual([0, side.stream.bufferedBytes])
    peer.pause()
    while (side.stream.write(block, 0, block.length)) await new Promise(setImmediate)
    side.stream.destroy()
    await waitFor('empty', () => gauge[1] === 0)
  })

  it('resets', async () => {
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => peer.once('error', resolve))
    peer.resume()
    side.stream.reset()
    expect((await failed).code).toBe('ECONNRESET')
    await waitFor('close', () => side.closed.length === 1)
  })

  it('releases what is buffered when it is destroyed', async () => {
    const block = Buffer.alloc(1_000_000)
    while (side.stream.write(block, 0, block.length)) await new Promise(setImmediate)
    side.stream.destroy()
    await waitFor('close', () => side.closed.length > 0)
    await waitFor('empty', () => side.stream.bufferedBytes === 0)
    expect(side.writable).toBe(0)
  })
})

describe('a fast byte stream whose peer resets', () => {
  it('says so, also when the reset is found together with the last bytes', async () => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
    const peer = connect((server.address() as { port: number }).port, '127.0.0.1')
    const side = listenTo(adoptAccepted(await accepted))
    await new Promise((resolve) => peer.write('last bytes', resolve))
    peer.resetAndDestroy()
    await new Promise((resolve) => peer.once('close', resolve))
    side.stream.resume()
    await waitFor('the end', () => side.ended || side.closed.length > 0)
    side.stream.destroy()
    await waitFor('close', () => side.closed.length > 0)
    server.close()
    expect([text(side), side.ended, side.closed]).toEqual(['last bytes', false, [true]])
  })
})

describe('fastSocketsWork', () => {
  it('passes its self-test on this Node, and a connected stream talks to an accepted one', async () => {
    expect(await fastSocketsWork()).toBe(process.env.FAIRLEAD_IO !== 'portable')
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
    const connection = connectFast({ host: '127.0.0.1', port: (server.address() as { port: number }).port })
    const connected = new Promise<void>((resolve) => connection.socket.once('connect', resolve))
    const client = listenTo(connection.stream)
    const side = listenTo(adoptAccepted(await accepted))
    await connected
    client.stream.resume()
    side.stream.resume()
    client.stream.write(Buffer.from('ping'), 0, 4)
    await waitFor('ping', () => text(side) === 'ping')
    side.stream.write(Buffer.from('pong'), 0, 4)
    await waitFor('pong', () => text(client) === 'pong')
    client.stream.destroy()
    side.stream.destroy()
    server.close()
    await waitFor('both closed', () => client.closed.length + side.closed.length === 2)
  })
})

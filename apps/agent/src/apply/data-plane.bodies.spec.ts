import { request as httpRequest, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect, type Socket } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { waitFor } from '@fairlead/testkit'
import { settled } from './testdata/settled.js'
import { oneService, retry, TestMesh } from './testdata/test-mesh.js'

const MIB = 1024 * 1024
/** More than kernel buffers of both hops and ours can hold together. */
const LARGE = 64 * MIB

describe('bodies through the data plane', () => {
  let mesh: TestMesh
  afterEach(() => mesh.close())

  it('are held back at the client while the upstream does not read, then arrive whole', async () => {
    mesh = await TestMesh.start()
    let release = () => {}
    let received = 0
    const upstream = await mesh.serve((request, response) => {
      release = () => {
        request.on('data', (chunk: Buffer) => (received += chunk.length))
        request.on('end', () => response.end())
      }
    })
    await mesh.apply(oneService([upstream]))
    const { socket, sent } = await sendUntilStuck(mesh, LARGE)
    expect(sent()).toBeLessThan(LARGE / 2)
    release()
    await waitFor('the whole body', () => received === LARGE)
    socket.destroy()
  })

  it('are held back at the upstream while the client does not read, then arrive whole', async () => {
    mesh = await TestMesh.start()
    let produced = 0
    const upstream = await mesh.serve((_, response) => produce(response, LARGE, (bytes) => (produced += bytes)))
    await mesh.apply(oneService([upstream]))
    const incoming = await new Promise<IncomingMessage>((resolve, reject) => {
      const outgoing = httpRequest({ host: '127.0.0.1', port: mesh.port, headers: { host: 'svc' } }, resolve)
      outgoing.on('error', reject)
      outgoing.end()
    })
    incoming.pause()
    await settled(() => produced)
    expect(produced).toBeLessThan(LARGE / 2)
    let received = 0
    incoming.on('data', (chunk: Buffer) => (received += chunk.length))
    incoming.resume()
    await waitFor('the whole body', () => received === LARGE)
  })

  it('are kept for a retry within the bound only, however long they are', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serve((request) => void request.once('data', () => request.pause()))
    await mesh.apply(oneService([upstream], { retry: retry(['5xx']) }))
    const { socket } = await sendUntilStuck(mesh, LARGE)
    expect(mesh.stat('http.outbound', 'retained_body_bytes')).toBe(0)
    expect(mesh.stat('http.outbound', 'retries_given_up')).toBe(1)
    socket.destroy()
  })

  it('come through in chunks as they are made', async () => {
    mesh = await TestMesh.start()
    let end = () => {}
    const upstream = await mesh.serve((_, response) => {
      response.write('first')
      end = () => response.end('last')
    })
    await mesh.apply(oneService([upstream]))
    const chunks: string[] = []
    const outgoing = httpRequest({ host: '127.0.0.1', port: mesh.port, headers: { host: 'svc' } }, (incoming) => {
      incoming.on('data', (chunk: Buffer) => chunks.push(chunk.toString()))
    })
    outgoing.end()
    await waitFor('the first chunk', () => chunks.length === 1)
    end()
    await waitFor('the last chunk', () => chunks.join('') === 'firstlast')
    outgoing.destroy()
  })

  it('need not be read to the end where the upstream answers early', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serveRaw((socket) => {
      socket.once('data', () => socket.write('HTTP/1.1 413 Too Large\r\ncontent-length: 3\r\n\r\nbig'))
      socket.on('data', () => {})
    })
    await mesh.apply(oneService([upstream]))
    const socket = connect(mesh.port, '127.0.0.1')
    let answer = ''
    socket.on('data', (chunk) => (answer += chunk.toString()))
    socket.on('error', () => {})
    socket.write(`POST / HTTP/1.1\r\nhost: svc\r\ncontent-length: ${LARGE}\r\n\r\nstart`)
    await waitFor('the answer', () => answer.endsWith('big'))
    expect(answer).toContain('HTTP/1.1 413')
    await waitFor('the end of the request', () => mesh.stat('http.outbound', 'downstream_rq_active') === 0)
    expect(mesh.stat('cluster.svc', 'upstream_rq_active')).toBe(0)
    socket.destroy()
  })

  it.each([
    ['HEAD', 200, 'content-length: 5'],
    ['GET', 204, ''],
    ['GET', 304, 'content-length: 5'],
  ])('are absent from %s answers with %i', async (method, status, field) => {
    mesh = await TestMesh.start()
    const fields = field === '' ? '' : `${field}\r\n`
    const upstream = await mesh.serveRaw((socket) => {
      socket.on('data', () => socket.write(`HTTP/1.1 ${status} X\r\n${fields}\r\n`))
    })
    await mesh.apply(oneService([upstream]))
    for (let i = 0; i < 3; i++) expect(await mesh.call({ method })).toMatchObject({ status, body: '' })
    expect(mesh.stat('cluster.svc', 'upstream_cx_total')).toBe(1)
  })

  it('wait for the 100 that the client asked the upstream for, and other interim answers pass too', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serve((request, response) => {
      response.writeEarlyHints({ link: '</style.css>; rel=preload' })
      request.pipe(response)
    })
    await mesh.apply(oneService([upstream]))
    const events: (string | number)[] = []
    const outgoing = httpRequest({
      host: '127.0.0.1',
      port: mesh.port,
      method: 'POST',
      headers: { host: 'svc', expect: '100-continue' },
    })
    outgoing.on('continue', () => {
      events.push(100)
      outgoing.end('body')
    })
    outgoing.on('information', ({ statusCode }) => statusCode !== 100 && events.push(statusCode))
    outgoing.on('response', (incoming) => {
      incoming.on('data', (chunk: Buffer) => events.push(chunk.toString()))
    })
    outgoing.flushHeaders()
    await waitFor('the answer', () => events.includes('body'))
    expect(events).toEqual([100, 103, 'body'])
  })

  it('that end with the connection arrive whole', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serveRaw((socket) => {
      socket.once('data', () => socket.end(`HTTP/1.1 200 OK\r\n\r\n${'x'.repeat(100_000)}`))
    })
    await mesh.apply(oneService([upstream]))
    expect((await mesh.call()).body).toHaveLength(100_000)
  })
})

/** A client that sends `length` bytes as fast as it may, until nothing moves any more. */
async function sendUntilStuck(mesh: TestMesh, length: number): Promise<{ socket: Socket; sent: () => number }> {
  const socket = connect(mesh.port, '127.0.0.1')
  socket.on('error', () => {})
  socket.on('data', () => {})
  socket.write(`POST / HTTP/1.1\r\nhost: svc\r\ncontent-length: ${length}\r\n\r\n`)
  const chunk = Buffer.alloc(MIB)
  let handed = 0
  const more = () => {
    while (handed < length) {
      handed += chunk.length
      if (!socket.write(chunk)) return
    }
  }
  socket.on('drain', more)
  more()
  const sent = () => socket.bytesWritten - socket.writableLength
  await settled(sent)
  return { socket, sent }
}

function produce(response: ServerResponse, length: number, onSent: (bytes: number) => void): void {
  const chunk = Buffer.alloc(MIB)
  let left = length
  const more = () => {
    while (left > 0) {
      left -= chunk.length
      const room = response.write(chunk)
      onSent(chunk.length)
      if (!room) return
    }
    response.end()
  }
  response.on('drain', more)
  more()
}

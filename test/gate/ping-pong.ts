import { once } from 'node:events'
import { connect, createServer, type AddressInfo } from 'node:net'

/** One exchange as it is on the wire; a message is over when what was read ends with its `...End`. */
export interface WireExchange {
  readonly request: string
  readonly requestEnd: string
  readonly response: string
  readonly responseEnd: string
}

export interface WireServer {
  readonly port: number
  close(): void
}

/** Answers each request with the same bytes: nothing in it varies from one run to the next. */
export async function serveExchange({ requestEnd, response }: WireExchange): Promise<WireServer> {
  const bytes = Buffer.from(response)
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on('error', () => socket.destroy())
    socket.on('data', (chunk) => {
      if (endsWith(chunk, requestEnd)) socket.write(bytes)
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { port: (server.address() as AddressInfo).port, close: () => server.close() }
}

export interface PingPong {
  /** Sends `count` requests, each after the answer to the one before. */
  run(count: number): Promise<void>
  close(): void
}

/** One keep-alive connection through a proxy. */
export async function openPingPong(port: number, { request, responseEnd }: WireExchange): Promise<PingPong> {
  const bytes = Buffer.from(request)
  const socket = connect({ port, host: '127.0.0.1', noDelay: true })
  let left = 0
  let resolve = () => {}
  let reject: (error: Error) => void = () => {}
  socket.on('error', (error) => reject(error))
  socket.on('close', () => reject(new Error('the proxy closed the connection')))
  socket.on('data', (chunk) => {
    if (chunk.toString('latin1', 0, 12) > 'HTTP/1.1 299') return reject(new Error(chunk.toString('latin1')))
    if (!endsWith(chunk, responseEnd)) return
    if (--left === 0) resolve()
    else socket.write(bytes)
  })
  await once(socket, 'connect')
  return {
    run: (count) =>
      new Promise((resolveRun, rejectRun) => {
        left = count
        resolve = resolveRun
        reject = rejectRun
        socket.write(bytes)
      }),
    close: () => {
      reject = () => {}
      socket.destroy()
    },
  }
}

function endsWith(chunk: Buffer, end: string): boolean {
  return chunk.toString('latin1', chunk.length - end.length) === end
}

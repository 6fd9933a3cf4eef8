import { createServer, type ListenOptions, type Server, type Socket } from 'node:net'
import { type ByteStream } from './byte-stream.js'
import { adoptAccepted, fastSocketsWork } from './fast-socket.js'
import { SocketStream } from './socket-stream.js'

export interface BindOptions {
  /** IP address; ignored with `path`. */
  readonly address?: string
  /** 0: any free port. */
  readonly port?: number
  /** UNIX domain socket instead of address and port. */
  readonly path?: string
  /** Connections that the kernel holds for us. Default 511, as in Node. */
  readonly backlog?: number
  /** Called for each accepted connection, paused. Sets the handler, then resumes, at once or later. */
  onStream(stream: ByteStream): void
}

export interface BoundListener {
  readonly address: string
  readonly port: number
  /** Stops listening and frees the address. Accepted connections live on: they belong to whoever got them. */
  close(): Promise<void>
}

/** Rejects with a message that names the address and, for the usual mistakes, the cure. */
export async function bindListener(options: BindOptions): Promise<BoundListener> {
  const fast = await fastSocketsWork()
  const server = createServer({ pauseOnConnect: true, noDelay: true, allowHalfOpen: true })
  server.on('connection', (socket: Socket) => {
    options.onStream(fast ? adoptAccepted(socket) : new SocketStream(socket))
  })
  await listen(server, options)
  const address = server.address()
  return {
    address: address !== null && typeof address === 'object' ? address.address : (options.path ?? ''),
    port: address !== null && typeof address === 'object' ? address.port : 0,
    close: () => close(server),
  }
}

function listen(server: Server, options: BindOptions): Promise<void> {
  const where: ListenOptions =
    options.path !== undefined
      ? { path: options.path }
      : { host: options.address ?? '127.0.0.1', port: options.port ?? 0 }
  if (options.backlog !== undefined) where.backlog = options.backlog
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(bindError(options, error)))
    server.listen(where, () => {
      server.removeAllListeners('error')
      // An accept that fails (EMFILE) leaves the listener open: the connection waits in the backlog or is dropped.
      server.on('error', () => {})
      resolve()
    })
  })
}

function close(server: Server): Promise<void> {
  // Not awaited: 'close' comes after the last connection's end, the address is free at once.
  server.close()
  return Promise.resolve()
}

const CURES: Readonly<Record<string, string>> = {
  EADDRINUSE: 'another process listens there',
  EACCES: 'not permitted: ports below 1024 need root or CAP_NET_BIND_SERVICE, paths need a writable folder',
  EADDRNOTAVAIL: 'this host has no such address',
}

function bindError(options: BindOptions, error: NodeJS.ErrnoException): Error {
  const where = options.path ?? `${options.address ?? '127.0.0.1'}:${options.port ?? 0}`
  const cure = CURES[error.code ?? ''] ?? error.message
  return Object.assign(new Error(`cannot listen on ${where}: ${cure}`, { cause: error }), { code: error.code })
}

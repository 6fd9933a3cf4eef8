import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** One connection through the tap. Text is latin1. */
export interface TappedConnection {
  /** What the server sent. */
  answers: string
  /** The server said FIN. */
  serverEnded: boolean
  /** ... and the proxy in front had not yet. */
  serverEndedFirst: boolean
  isClosed: boolean
}

/** A relay that keeps what a server answers to the proxy in front of it. */
export interface WireTap {
  readonly port: number
  readonly connections: readonly TappedConnection[]
  close(): Promise<void>
}

export async function startWireTap(serverPort: number): Promise<WireTap> {
  const connections: TappedConnection[] = []
  const sockets = new Set<Socket>()
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (front) => {
    const back = connect({ port: serverPort, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    const connection = { answers: '', serverEnded: false, serverEndedFirst: false, isClosed: false }
    connections.push(connection)
    back.on('data', (bytes: Buffer) => (connection.answers += bytes.toString('latin1')))
    let frontEnded = false
    front.on('close', () => (frontEnded = true))
    front.on('end', () => (frontEnded = true))
    back.on('end', () => {
      connection.serverEnded = true
      connection.serverEndedFirst = !frontEnded
    })
    back.on('close', () => (connection.isClosed = true))
    relay(front, back)
    for (const socket of [front, back]) {
      sockets.add(socket)
      socket.on('close', () => sockets.delete(socket))
    }
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    connections,
    close: async () => {
      sockets.forEach((socket) => socket.destroy())
      server.close()
      await once(server, 'close')
    },
  }
}

/** Bytes, FIN and reset go on in both directions. */
function relay(front: Socket, back: Socket): void {
  for (const [from, to] of [
    [front, back],
    [back, front],
  ] as const) {
    from.pipe(to)
    from.on('error', () => to.destroy())
    from.on('close', () => to.destroy())
  }
}

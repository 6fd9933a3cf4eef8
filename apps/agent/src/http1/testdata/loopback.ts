import { connect, createServer, type Socket } from 'node:net'
import { type ByteStream } from '../../io/byte-stream.js'
import { adoptAccepted } from '../../io/fast-socket.js'
import { SocketStream } from '../../io/socket-stream.js'

export type IoKind = 'fast' | 'portable'
export const IO_KINDS: readonly IoKind[] = ['fast', 'portable']

/** Both ends of a loopback connection: a stream for the codec, a plain socket for the test. */
export interface Loopback {
  stream: ByteStream
  peer: Socket
  /** All that the peer received. */
  text(): string
  peerEnded(): boolean
  close(): void
}

export async function loopback(kind: IoKind): Promise<Loopback> {
  const server = createServer({ pauseOnConnect: true, allowHalfOpen: true, noDelay: true })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const accepted = new Promise<Socket>((resolve) => server.once('connection', resolve))
  const peer = connect({ host: '127.0.0.1', port: (server.address() as { port: number }).port, allowHalfOpen: true })
  peer.on('error', () => {})
  const chunks: Buffer[] = []
  let ended = false
  peer.on('data', (chunk: Buffer) => void chunks.push(chunk))
  peer.on('end', () => void (ended = true))
  const socket = await accepted
  server.close()
  const stream = kind === 'fast' ? adoptAccepted(socket) : new SocketStream(socket)
  return {
    stream,
    peer,
    text: () => Buffer.concat(chunks).toString('latin1'),
    peerEnded: () => ended,
    close() {
      peer.destroy()
      stream.destroy()
    },
  }
}

import { connect, type Socket } from 'node:net'

const HOP_FIELDS = /^x-(?:request-id|forwarded-|envoy-).*\r\n/gm

/** One end of a connection, by its raw bytes. Keeps its half open when the other end closes. */
export class RawPeer {
  private readonly chunks: Buffer[] = []
  /** The other end said FIN. */
  ended = false
  closed = false

  constructor(readonly socket: Socket) {
    socket.allowHalfOpen = true
    socket.setNoDelay(true)
    socket.on('data', (chunk: Buffer) => void this.chunks.push(chunk))
    socket.on('end', () => (this.ended = true))
    socket.on('error', () => {})
    socket.on('close', () => (this.closed = true))
  }

  static connect(port: number): RawPeer {
    return new RawPeer(connect({ port, host: '127.0.0.1', allowHalfOpen: true }))
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }

  /** Without the fields in which the agent speaks of the hop: they have specs of their own. */
  get text(): string {
    return this.bytes.toString('latin1').replaceAll(HOP_FIELDS, '')
  }

  /** What came behind the first head. */
  get afterHead(): string {
    const end = this.text.indexOf('\r\n\r\n')
    return end === -1 ? '' : this.text.slice(end + 4)
  }

  /** The same, untouched. */
  get bytesAfterHead(): Buffer {
    const { bytes } = this
    return bytes.subarray(bytes.indexOf('\r\n\r\n') + 4)
  }

  send(text: string | Buffer): void {
    this.socket.write(typeof text === 'string' ? Buffer.from(text, 'latin1') : text)
  }
}

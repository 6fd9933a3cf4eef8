import { type Socket } from 'node:net'
import { BufferedByteStream } from './byte-stream.js'
import { type OutputSlab } from './output-slab.js'
import { beginTurn, endTurn } from './read-turn.js'

/** The portable implementation: public API only ('data' events, `socket.write`), for any socket, also a TLS one. */
export class SocketStream extends BufferedByteStream {
  private failed = false

  constructor(protected readonly socket: Socket) {
    super()
    socket.on('end', () => this.onPeerEnd())
    socket.on('error', () => (this.failed = true))
    socket.on('close', (hadError) => this.onSocketClose(hadError || this.failed))
    this.listenForBytes()
  }

  get remoteAddress(): string {
    return this.socket.remoteAddress ?? ''
  }

  get remotePort(): number {
    return this.socket.remotePort ?? 0
  }

  get localAddress(): string {
    return this.socket.localAddress ?? ''
  }

  get localPort(): number {
    return this.socket.localPort ?? 0
  }

  pause(): void {
    this.socket.pause()
  }

  resume(): void {
    if (!this.closed) this.socket.resume()
  }

  protected listenForBytes(): void {
    this.socket.pause()
    this.socket.on('data', (chunk: Buffer) => {
      beginTurn()
      this.handler.onBytes(chunk, 0, chunk.length)
      endTurn()
    })
  }

  protected onPeerEnd(): void {
    this.handler.onEnd()
  }

  protected send(slab: OutputSlab, start: number, end: number): boolean {
    let queued = false
    this.socket.write(slab.buffer.subarray(start, end), () => {
      if (queued) this.onSent(slab, start, end)
    })
    // Nothing is waiting within the socket: the kernel took it all, although the callback comes a tick later.
    queued = this.socket.writableLength > 0
    return !queued
  }

  protected endSocket(): void {
    this.socket.end()
  }

  protected destroySocket(): void {
    this.socket.destroy()
  }

  protected resetSocket(): void {
    // UNIX domain sockets know no RST, and Node throws.
    if (this.socket.remoteFamily === undefined) this.socket.destroy()
    else this.socket.resetAndDestroy()
  }
}

import { type ByteStream, type ByteStreamHandler } from '../../io/byte-stream.js'

const nobody: ByteStreamHandler = { onBytes() {}, onWritable() {}, onEnd() {}, onClose() {} }

/** As the read buffer of a process: one for all streams. */
const shared = Buffer.alloc(256 * 1024, 0x21)

/** A byte stream without a socket: the test is the peer. What arrives is fed through one reused buffer, as from a socket. */
export class MemoryStream implements ByteStream {
  handler: ByteStreamHandler = nobody
  readonly remoteAddress = '127.0.0.1'
  readonly remotePort = 1
  readonly localAddress = '127.0.0.1'
  readonly localPort = 2
  bufferedBytes = 0
  sentBytes = 0
  closed = false
  readonly congested = false
  paused = true
  ended = false
  written = ''

  countBuffered(): void {}

  /** Bytes from the peer. They are overwritten right after the call, as the next read of a socket would. */
  feed(text: string): void {
    if (this.closed || text === '') return
    if (this.paused) throw new Error('fed while paused')
    const at = 7
    const length = shared.write(text, at, 'latin1')
    this.handler.onBytes(shared, at, at + length)
    shared.fill(0x21, at, at + length)
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.closed || this.ended) return true
    this.written += Buffer.from(bytes.buffer, bytes.byteOffset + start, end - start).toString('latin1')
    this.sentBytes += end - start
    return true
  }

  stage(bytes: Uint8Array, start: number, end: number): boolean {
    return this.write(bytes, start, end)
  }

  pause(): void {
    this.paused = true
  }

  resume(): void {
    this.paused = false
  }

  end(): void {
    this.ended = true
  }

  destroy(): void {
    this.closed = true
  }

  reset(): void {
    this.closed = true
  }

  /** The socket's 'close', which never comes from within `destroy`. */
  close(hadError = false): void {
    this.closed = true
    this.handler.onClose(hadError)
  }
}

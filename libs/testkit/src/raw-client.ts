import { once } from 'node:events'
import { connect, type Socket } from 'node:net'
import { readStrictly, type StrictReading } from './strict-responses.js'

const NOTHING = Buffer.alloc(0)

/** A client that sends the very bytes it is told to, and reads answers without mercy. */
export class RawClient {
  /** Everything received, as latin1. */
  received = ''
  end: 'open' | 'fin' | 'reset' = 'open'
  readonly #socket: Socket
  #wake = () => {}

  private constructor(socket: Socket) {
    this.#socket = socket
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.received += text
      this.#wake()
    })
    socket.on('error', () => {})
    // libuv may report a reset as an end; writing nothing tells.
    socket.on('end', () => socket.write(NOTHING, (error) => this.#onEnd(error ? 'reset' : 'fin')))
    socket.on('close', () => this.#onEnd('reset'))
  }

  static async connect(port: number): Promise<RawClient> {
    const socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    await once(socket, 'connect')
    return new RawClient(socket)
  }

  /** Resolves when the bytes are with the kernel, or the connection is gone. */
  send(text: string): Promise<void> {
    return new Promise((resolve) => void this.#socket.write(text, 'latin1', () => resolve()))
  }

  pause(): void {
    this.#socket.pause()
  }

  resume(): void {
    this.#socket.resume()
  }

  /** Half-close. */
  fin(): void {
    this.#socket.end()
  }

  reset(): void {
    this.#socket.resetAndDestroy()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  /** All answers so far to requests with these methods. */
  read(methods: readonly string[]): StrictReading {
    return readStrictly(this.received, methods, this.end)
  }

  /** Waits for a final answer to each of these requests, for the end of the connection, or for nonsense. */
  async answers(methods: readonly string[]): Promise<StrictReading> {
    for (;;) {
      const reading = this.read(methods)
      const final = reading.responses.filter(({ status }) => status >= 200)
      if (final.length === methods.length || reading.rest === 'malformed' || this.end !== 'open') return reading
      await this.#change()
    }
  }

  async until(condition: () => boolean): Promise<void> {
    while (!condition() && this.end === 'open') await this.#change()
  }

  #change(): Promise<void> {
    return new Promise((resolve) => (this.#wake = resolve))
  }

  #onEnd(how: 'fin' | 'reset'): void {
    if (this.end !== 'open') return
    this.end = how
    this.#wake()
  }
}

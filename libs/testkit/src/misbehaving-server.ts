import { once } from 'node:events'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'

/** One thing that a server does with a connection. Bytes are latin1. */
export type ServerStep =
  | { readonly send: string }
  /** A write for each byte, each in a turn of the event loop of its own. */
  | { readonly drip: string }
  | 'await body'
  /** Half-close: what the peer sends is still read. */
  | 'fin'
  /** RST; what was sent before is out. */
  | 'reset'
  /** Takes no more bytes from the peer. */
  | 'stop reading'

export interface Behaviour {
  readonly steps: readonly ServerStep[]
  /** Both messages are complete and nothing was said besides: the connection may be used again. Default: it may not. */
  readonly leavesClear?: boolean
}

const GOOD: Behaviour = {
  steps: ['await body', { send: 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\ngood' }],
  leavesClear: true,
}

/** An HTTP/1.1 server on loopback that does on command what no server should, and knows who came back to it after. */
export class MisbehavingServer {
  /** Requests whose last byte came. */
  completeRequests = 0
  /** Requests that came on a connection which the last behaviour had left in doubt. */
  reuses = 0
  readonly #server: Server
  readonly #sockets = new Set<Socket>()
  #queued: Behaviour[] = []
  #atAccept: Behaviour[] = []

  private constructor() {
    this.#server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => this.#accept(socket))
  }

  static async start(): Promise<MisbehavingServer> {
    const server = new MisbehavingServer()
    server.#server.listen(0, '127.0.0.1')
    await once(server.#server, 'listening')
    return server
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port
  }

  get openConnections(): number {
    return this.#sockets.size
  }

  /** What the next requests get, one each; the ones after them are served well. */
  misbehave(...behaviours: readonly Behaviour[]): void {
    this.#queued = [...behaviours]
  }

  /** What the next connections get before a byte was read, one each. */
  misbehaveAtAccept(...behaviours: readonly Behaviour[]): void {
    this.#atAccept = [...behaviours]
  }

  /** Ends all connections with FIN. */
  endConnections(): void {
    for (const socket of this.#sockets) socket.end()
  }

  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
  }

  #accept(socket: Socket): void {
    this.#sockets.add(socket)
    socket.on('close', () => this.#sockets.delete(socket))
    socket.on('error', () => {})
    void new Connection(socket).serve({
      atAccept: this.#atAccept.shift() ?? null,
      next: () => this.#queued.shift() ?? GOOD,
      onComplete: () => this.completeRequests++,
      onReuse: () => this.reuses++,
    })
  }
}

interface Orders {
  readonly atAccept: Behaviour | null
  next(): Behaviour
  onComplete(): void
  onReuse(): void
}

class Connection {
  #received = ''
  #ended = false
  #wake = () => {}

  constructor(readonly socket: Socket) {
    socket.setEncoding('latin1')
    socket.on('data', (text: string) => {
      this.#received += text
      this.#wake()
    })
    socket.on('end', () => socket.end())
    for (const event of ['end', 'close']) {
      socket.on(event, () => {
        this.#ended = true
        this.#wake()
      })
    }
  }

  async serve(orders: Orders): Promise<void> {
    let inDoubt = false
    if (orders.atAccept !== null) await this.#perform(orders.atAccept, async () => {})
    while (await this.#until(() => this.#received.includes('\r\n\r\n'))) {
      if (inDoubt && /^[A-Z]+ \S+ HTTP\/1\.1\r\n/m.test(this.#received)) orders.onReuse()
      let complete: Promise<void> | null = null
      const body = () => (complete ??= this.#takeRequest(orders))
      const behaviour = orders.next()
      await this.#perform(behaviour, body)
      if (behaviour.leavesClear === true) await body()
      else if (complete === null) this.#received = this.#received.slice(this.#received.indexOf('\r\n\r\n') + 4)
      // What came at accept may have crossed the first request on its way.
      inDoubt ||= behaviour.leavesClear !== true || orders.atAccept !== null
    }
  }

  async #perform({ steps }: Behaviour, body: () => Promise<void>): Promise<void> {
    for (const step of steps) {
      if (this.socket.destroyed) return
      if (step === 'await body') await body()
      else if (step === 'fin') this.socket.end()
      else if (step === 'reset') this.socket.resetAndDestroy()
      else if (step === 'stop reading') this.socket.pause()
      else if ('send' in step) await this.#write(step.send)
      else for (const byte of step.drip) await this.#write(byte).then(() => new Promise(setImmediate))
    }
  }

  /** Takes one request's bytes, head and body, as they are framed. */
  async #takeRequest(orders: Orders): Promise<void> {
    const headEnd = this.#received.indexOf('\r\n\r\n') + 4
    const head = this.#received.slice(0, headEnd)
    const length = Number(/\r\ncontent-length: (\d+)\r\n/i.exec(head)?.[1] ?? 0)
    const end = () => {
      if (!/\r\ntransfer-encoding: chunked\r\n/i.test(head)) return headEnd + length
      const last = /\r\n0\r\n(?:[^\r\n]+\r\n)*\r\n/.exec(this.#received.slice(headEnd - 2))
      return last === null ? Infinity : headEnd - 2 + last.index + last[0].length
    }
    if (await this.#until(() => this.#received.length >= end())) {
      this.#received = this.#received.slice(end())
      orders.onComplete()
    } else this.#received = ''
  }

  #write(text: string): Promise<void> {
    return new Promise((resolve) => void this.socket.write(text, 'latin1', () => resolve()))
  }

  /** False: the connection ended before. */
  async #until(condition: () => boolean): Promise<boolean> {
    while (!condition()) {
      if (this.#ended) return false
      await new Promise<void>((resolve) => (this.#wake = resolve))
    }
    return true
  }
}

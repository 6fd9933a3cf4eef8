import { connect, type Socket } from 'node:net'
import { setImmediate as turn } from 'node:timers/promises'
import { takeResponse, type ResponseMessage } from './grammar.js'

/** Hanging is a failure; how fast an answer comes is no matter of these tests. */
const PATIENCE_MS = 10_000

/** A client that sends bytes as they are, and reads strictly what comes back. */
export class RawClient {
  /** Final ones; those with a status of 1xx are in `informationals`. */
  readonly responses: ResponseMessage[] = []
  readonly informationals: ResponseMessage[] = []
  /** What broke the grammar of responses. */
  violation: string | null = null
  /** The peer sent FIN or reset. */
  ended = false
  /** Bytes that are no whole response. */
  text = ''
  private readonly socket: Socket
  private look: () => void = () => {}

  /** `methods`: of the requests that will be answered, in order; GET beyond. */
  constructor(
    port: number,
    private readonly methods: readonly string[] = [],
  ) {
    this.socket = connect({ port, host: '127.0.0.1', allowHalfOpen: true, noDelay: true })
    this.socket.setEncoding('latin1')
    this.socket.on('data', (bytes: string) => {
      this.text += bytes
      this.read()
      this.look()
    })
    this.socket.on('end', () => this.onEnd())
    this.socket.on('error', () => this.onEnd())
    this.socket.on('close', () => this.onEnd())
  }

  /** Each piece in a write, and a turn of the event loop, of its own. */
  async send(...pieces: readonly string[]): Promise<void> {
    for (const piece of pieces) {
      if (this.ended) return
      this.socket.write(piece, 'latin1')
      if (pieces.length > 1) await turn()
    }
  }

  /** Until `count` final responses are there, or the connection is over. False: neither within the time. */
  received(count: number): Promise<boolean> {
    return this.until(() => this.responses.length >= count || this.ended || this.violation !== null)
  }

  /** Until the peer closes, without a FIN of ours. */
  closed(): Promise<boolean> {
    return this.until(() => this.ended)
  }

  halfClose(): void {
    this.socket.end()
  }

  /** Says FIN and waits for the peer's. */
  async end(): Promise<boolean> {
    this.halfClose()
    const isClosed = await this.closed()
    this.socket.destroy()
    return isClosed
  }

  /** False: not within the time. */
  private until(probe: () => boolean): Promise<boolean> {
    return new Promise((resolve) => {
      const settle = (is: boolean) => {
        clearTimeout(timer)
        this.look = () => {}
        resolve(is)
      }
      const timer = setTimeout(() => settle(false), PATIENCE_MS)
      this.look = () => probe() && settle(true)
      this.look()
    })
  }

  private onEnd(): void {
    if (this.ended) return
    this.ended = true
    this.read()
    this.look()
  }

  private read(): void {
    while (this.violation === null && this.text !== '') {
      const taken = takeResponse(this.text, this.methods[this.responses.length] === 'HEAD', this.ended)
      if (taken === 'more') return
      if ('violation' in taken) {
        this.violation = `${taken.violation} in ${JSON.stringify(this.text.slice(0, 1000))}`
        return
      }
      this.text = taken.rest
      if (taken.message.status < 200) this.informationals.push(taken.message)
      else this.responses.push(taken.message)
    }
  }
}

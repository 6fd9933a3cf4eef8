import { type ClientConnection } from '../http/exchange.js'
import { createHttp1ClientConnection } from '../http1/client-connection.js'
import { type Http1Limits } from '../http1/limits.js'
import { type ByteStream } from '../io/byte-stream.js'
import { connectStream, type ConnectCallbacks, type PendingConnect } from '../io/connector.js'
import { type TimerWheel } from '../io/timer-wheel.js'
import { UPSTREAM_CX_TX_BYTES_BUFFERED } from './cluster-stats.js'
import { type ConnectAttempt, type Connector, type ConnectOwner } from './connector.js'

const UNIX_PREFIX = 'unix://'

/** Plaintext HTTP/1.1 over TCP or a UNIX domain socket. */
export class Http1Connector implements Connector {
  constructor(
    private readonly wheel: TimerWheel,
    private readonly limits: Http1Limits,
  ) {}

  connect(address: string, port: number, timeoutMs: number, owner: ConnectOwner): ConnectAttempt {
    const attempt = new Http1Attempt(owner, this.wheel, this.limits)
    const where = address.startsWith(UNIX_PREFIX)
      ? { path: address.slice(UNIX_PREFIX.length) }
      : { host: address, port }
    attempt.begin(connectStream({ ...where, timeoutMs, wheel: this.wheel }, attempt))
    return attempt
  }
}

class Http1Attempt implements ConnectAttempt, ConnectCallbacks {
  private pending: PendingConnect | null = null

  constructor(
    private readonly owner: ConnectOwner,
    private readonly wheel: TimerWheel,
    private readonly limits: Http1Limits,
  ) {}

  begin(pending: PendingConnect): void {
    this.pending = pending
  }

  cancel(): void {
    this.pending?.cancel()
  }

  onConnected(stream: ByteStream): void {
    stream.countBuffered(this.owner.stats.values, UPSTREAM_CX_TX_BYTES_BUFFERED)
    const connection: ClientConnection = createHttp1ClientConnection(stream, this.owner, this.wheel, this.limits)
    this.owner.onConnected(this, connection)
  }

  onFailed(error: NodeJS.ErrnoException): void {
    this.owner.onConnectFailed(this, error.code === 'ETIMEDOUT')
  }
}

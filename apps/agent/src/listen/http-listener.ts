import { type ConnectionAttributes, type OriginalDestination } from '../http/connection-attributes.js'
import { type RequestHandler, type ServerConnection, type ServerConnectionOwner } from '../http/exchange.js'
import { createHttp1ServerConnection } from '../http1/server-connection.js'
import { type ByteStream } from '../io/byte-stream.js'
import { bindListener, type BoundListener } from '../io/listener.js'
import { type TimerWheel } from '../io/timer-wheel.js'
import { type LimitName, type Limits } from '../limits/limits.js'
import { type StatBlock } from '../telemetry/stat-block.js'
import { type StatRegistry } from '../telemetry/stat-registry.js'
import {
  createListenerStats,
  DOWNSTREAM_CX_ACTIVE,
  DOWNSTREAM_CX_TOTAL,
  DOWNSTREAM_CX_TX_BYTES_BUFFERED,
  LISTENER_STAT_OF,
} from './listener-stats.js'

export interface HttpListenerOptions {
  /** For stats and views: `outbound`, `inbound|127.0.0.1|15006`. */
  readonly name: string
  readonly direction: ConnectionAttributes['direction']
  readonly address: string
  /** 0: any free port. */
  readonly port: number
  readonly originalDestination: OriginalDestination | null
}

export interface ListenEnvironment {
  readonly wheel: TimerWheel
  readonly stats: StatRegistry
  readonly limits: Limits
}

/** One bound socket and the connections that came through it. */
export class HttpListener implements ServerConnectionOwner {
  private readonly stats: StatBlock
  private readonly connections = new Set<ServerConnection>()
  private socket: BoundListener | null = null
  private handler: RequestHandler | null = null
  private isDraining = false
  private onIdle: (() => void) | null = null

  private constructor(
    readonly options: HttpListenerOptions,
    private readonly env: ListenEnvironment,
  ) {
    this.stats = createListenerStats(options.name)
  }

  /**
   * Rejects, naming the address, if it cannot be bound. `handlerFor` gets the address that was really bound; it is
   * asked once, before the first connection is accepted.
   */
  static async open(
    options: HttpListenerOptions,
    env: ListenEnvironment,
    handlerFor: (listener: HttpListener) => RequestHandler,
  ): Promise<HttpListener> {
    const listener = new HttpListener(options, env)
    const { address, port } = options
    listener.socket = await bindListener({ address, port, onStream: (stream) => listener.accept(stream) })
    listener.handler = handlerFor(listener)
    env.stats.add(listener.stats)
    return listener
  }

  get address(): string {
    return this.socket!.address
  }

  get port(): number {
    return this.socket!.port
  }

  get openConnections(): number {
    return this.connections.size
  }

  onLimit(limit: LimitName): void {
    const stat = LISTENER_STAT_OF.get(limit)
    if (stat !== undefined) this.stats.add(stat, 1)
  }

  onConnectionClosed(connection: ServerConnection): void {
    this.connections.delete(connection)
    this.stats.add(DOWNSTREAM_CX_ACTIVE, -1)
    if (this.connections.size === 0) this.onIdle?.()
  }

  /** Frees the address, lets requests finish under `Connection: close`, resolves when the last connection is gone. */
  async drain(): Promise<void> {
    this.isDraining = true
    await this.socket!.close()
    for (const connection of [...this.connections]) connection.drain()
    if (this.connections.size > 0) await new Promise<void>((resolve) => (this.onIdle = resolve))
    this.env.stats.remove(this.stats)
  }

  async destroy(): Promise<void> {
    this.isDraining = true
    await this.socket!.close()
    for (const connection of [...this.connections]) connection.destroy()
    this.env.stats.remove(this.stats)
  }

  private accept(stream: ByteStream): void {
    const { wheel, limits } = this.env
    this.stats.add(DOWNSTREAM_CX_TOTAL, 1)
    if (this.connections.size >= limits.connectionsMax) {
      this.onLimit('connectionsMax')
      return stream.destroy()
    }
    // A connection that was in the backlog when the socket closed.
    if (this.isDraining) return stream.destroy()
    this.stats.add(DOWNSTREAM_CX_ACTIVE, 1)
    stream.countBuffered(this.stats.values, DOWNSTREAM_CX_TX_BYTES_BUFFERED)
    const attributes: ConnectionAttributes = Object.freeze({
      direction: this.options.direction,
      peerAddress: stream.remoteAddress,
      peerPort: stream.remotePort,
      localAddress: stream.localAddress,
      localPort: stream.localPort,
      originalDestination: this.options.originalDestination,
      secure: false,
      principal: null,
      serverName: null,
      applicationProtocol: null,
    })
    this.connections.add(createHttp1ServerConnection(stream, attributes, this.handler!, this, wheel, limits))
  }
}

import { connect, type NetConnectOpts, type Socket } from 'node:net'
import { type ByteStream } from './byte-stream.js'
import { connectFast, fastSocketsProven } from './fast-socket.js'
import { SocketStream } from './socket-stream.js'
import { Timer, type TimerOwner, type TimerWheel } from './timer-wheel.js'

export interface ConnectOptions {
  /** IP address, or a name that the system resolves. */
  readonly host?: string
  readonly port?: number
  /** UNIX domain socket instead of host and port. */
  readonly path?: string
  readonly timeoutMs: number
  readonly wheel: TimerWheel
}

/** Exactly one of the two is called, later, unless the attempt is cancelled before. */
export interface ConnectCallbacks {
  /** The stream is paused. The handler is set before this returns. */
  onConnected(stream: ByteStream): void
  /** `error.code` as Node reports it; `ETIMEDOUT` also for our own deadline. */
  onFailed(error: NodeJS.ErrnoException): void
}

export interface PendingConnect {
  /** Gives up; no callback follows. Does nothing once a callback was called. */
  cancel(): void
}

/** Starts one connection attempt. Sockets are the portable ones until the self-test of the fast ones has passed. */
export function connectStream(options: ConnectOptions, callbacks: ConnectCallbacks): PendingConnect {
  return new Attempt(options, callbacks)
}

class Attempt implements PendingConnect, TimerOwner {
  private readonly timer: Timer
  private readonly socket: Socket
  private callbacks: ConnectCallbacks | null

  constructor(options: ConnectOptions, callbacks: ConnectCallbacks) {
    this.callbacks = callbacks
    this.timer = new Timer(options.wheel, this)
    this.timer.arm(options.timeoutMs)
    const connection = openSocket(options)
    this.socket = connection.socket
    this.socket.once('connect', () => this.finish()?.onConnected(connection.stream))
    this.socket.once('error', (error: NodeJS.ErrnoException) => this.finish()?.onFailed(error))
  }

  cancel(): void {
    if (this.finish() !== null) this.socket.destroy()
  }

  onTimer(): void {
    const callbacks = this.finish()
    if (callbacks === null) return
    this.socket.destroy()
    callbacks.onFailed(Object.assign(new Error('connect timed out'), { code: 'ETIMEDOUT' }))
  }

  private finish(): ConnectCallbacks | null {
    const { callbacks } = this
    this.callbacks = null
    this.timer.release()
    return callbacks
  }
}

function openSocket(options: ConnectOptions): { socket: Socket; stream: ByteStream } {
  const where: NetConnectOpts =
    options.path !== undefined
      ? { path: options.path, allowHalfOpen: true }
      : { host: options.host ?? '127.0.0.1', port: options.port ?? 0, noDelay: true, allowHalfOpen: true }
  if (fastSocketsProven()) return connectFast(where)
  const socket = connect(where)
  return { socket, stream: new SocketStream(socket) }
}

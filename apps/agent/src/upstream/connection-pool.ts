// HOT: runs per request. Measure before and after.
import { type ClientConnection, type ClientExchange, type ResponseSink } from '../http/exchange.js'
import { Timer, type TimerOwner, type TimerWheel } from '../io/timer-wheel.js'
import { type LimitName } from '../limits/limits.js'
import { type StatBlock } from '../telemetry/stat-block.js'
import {
  CLUSTER_STAT_OF,
  UPSTREAM_CX_ACTIVE,
  UPSTREAM_CX_CONNECT_FAIL,
  UPSTREAM_CX_CONNECT_TIMEOUT,
  UPSTREAM_CX_TOTAL,
  UPSTREAM_RQ_PENDING_ACTIVE,
  UPSTREAM_RQ_PENDING_FAILURE_EJECT,
} from './cluster-stats.js'
import { type ConnectAttempt, type Connector, type ConnectOwner } from './connector.js'

/** Why a wait for a connection ended without one. */
export const LEASE_CONNECT_FAILED = 0
export const LEASE_TIMED_OUT = 1
export type LeaseFailure = 0 | 1

/** A request that may have to wait for a connection. */
export interface PoolWaiter extends ResponseSink {
  /** When it began to wait; the pool's own field. */
  waitingSinceMs: number
  onLeased(exchange: ClientExchange): void
  onLeaseFailed(failure: LeaseFailure): void
}

/** Settings that may change while connections live: those of the cluster that the endpoint belongs to now. */
export interface PoolSettings {
  readonly connectTimeoutMs: number
  readonly stats: StatBlock
}

export interface PoolEnvironment {
  readonly connector: Connector
  readonly wheel: TimerWheel
  /** Monotonic milliseconds. */
  readonly clock: () => number
  readonly connectionsMax: number
  readonly pendingMax: number
  readonly idleTimeoutMs: number
}

/** How often idle connections are looked through; the idle timeout is that much longer at most. */
const SWEEP_MS = 60_000

/**
 * The connections to one endpoint, one exchange at a time on each. Idle ones are a stack, most recent first, so that
 * a quiet time lets the rest grow old and go. The fast path (`leaseIdle`) takes one without promise, closure or queue.
 *
 * Who finds none waits in a bounded queue, for the cluster's connect timeout at most, and each that waits has a
 * connection on its way as long as the limit allows.
 */
export class ConnectionPool implements ConnectOwner, TimerOwner {
  private readonly idle: ClientConnection[] = []
  /** Parallel to `idle`. */
  private readonly idleSinceMs: number[] = []
  private readonly waiters = new Set<PoolWaiter>()
  private readonly attempts = new Set<ConnectAttempt>()
  private readonly connections = new Set<ClientConnection>()
  private readonly deadline: Timer
  private readonly sweep: Timer
  private draining = false

  constructor(
    private readonly address: string,
    private readonly port: number,
    private readonly settings: PoolSettings,
    private readonly env: PoolEnvironment,
  ) {
    this.deadline = new Timer(env.wheel, this)
    this.sweep = new Timer(env.wheel, this)
  }

  get stats(): StatBlock {
    return this.settings.stats
  }

  get openConnections(): number {
    return this.connections.size
  }

  /** An exchange on an idle connection, or null: then `wait`. */
  leaseIdle(sink: ResponseSink): ClientExchange | null {
    for (;;) {
      const connection = this.idle.pop()
      if (connection === undefined) return null
      this.idleSinceMs.pop()
      if (connection.freeSlots > 0) return connection.open(sink)
    }
  }

  /** Queues for the next connection. False: too many wait already, and nothing will be heard. */
  wait(waiter: PoolWaiter): boolean {
    const { stats } = this.settings
    if (this.waiters.size >= this.env.pendingMax) {
      this.onLimit('pendingMax')
      return false
    }
    waiter.waitingSinceMs = this.env.clock()
    this.waiters.add(waiter)
    stats.add(UPSTREAM_RQ_PENDING_ACTIVE, 1)
    this.connectForWaiters()
    if (this.attempts.size < this.waiters.size) this.onLimit('upstreamConnectionsMax')
    this.armDeadline()
    return true
  }

  /** The waiter lost interest. */
  cancel(waiter: PoolWaiter): void {
    if (this.waiters.delete(waiter)) this.settings.stats.add(UPSTREAM_RQ_PENDING_ACTIVE, -1)
  }

  /**
   * The endpoint is gone from the config: idle connections close now, the others after their exchange. Requests that
   * hold on to it may still lease; what they use is closed behind them.
   */
  drain(): void {
    this.draining = true
    this.idle.length = this.idleSinceMs.length = 0
    this.sweep.release()
    for (const connection of [...this.connections]) connection.drain()
  }

  destroy(): void {
    this.draining = true
    this.idle.length = this.idleSinceMs.length = 0
    for (const attempt of this.attempts) attempt.cancel()
    this.attempts.clear()
    for (const waiter of [...this.waiters]) this.failWaiter(waiter, LEASE_CONNECT_FAILED)
    for (const connection of [...this.connections]) connection.destroy()
    this.deadline.release()
    this.sweep.release()
  }

  onSlotFree(connection: ClientConnection): void {
    const waiter = this.takeWaiter()
    if (waiter !== null) return waiter.onLeased(connection.open(waiter))
    if (this.draining) return connection.drain()
    if (this.idle.length === 0 && !this.sweep.armed) this.sweep.arm(SWEEP_MS)
    this.idle.push(connection)
    this.idleSinceMs.push(this.env.clock())
  }

  onLimit(limit: LimitName): void {
    const stat = CLUSTER_STAT_OF.get(limit)
    if (stat !== undefined) this.settings.stats.add(stat, 1)
  }

  onConnectionClosed(connection: ClientConnection): void {
    if (!this.connections.delete(connection)) return
    this.settings.stats.add(UPSTREAM_CX_ACTIVE, -1)
    const at = this.idle.lastIndexOf(connection)
    if (at >= 0) {
      this.idle.splice(at, 1)
      this.idleSinceMs.splice(at, 1)
    }
    // At the limit a closed connection is the room that somebody waits for.
    this.connectForWaiters()
  }

  onConnected(attempt: ConnectAttempt, connection: ClientConnection): void {
    this.attempts.delete(attempt)
    this.connections.add(connection)
    this.settings.stats.add(UPSTREAM_CX_TOTAL, 1)
    this.settings.stats.add(UPSTREAM_CX_ACTIVE, 1)
    this.onSlotFree(connection)
  }

  onConnectFailed(attempt: ConnectAttempt, timedOut: boolean): void {
    this.attempts.delete(attempt)
    this.settings.stats.add(timedOut ? UPSTREAM_CX_CONNECT_TIMEOUT : UPSTREAM_CX_CONNECT_FAIL, 1)
    // Each waiter brought one attempt, so each failed attempt answers for one waiter: the oldest.
    const waiter = this.oldestWaiter()
    if (waiter === undefined || this.attempts.size >= this.waiters.size) return
    this.failWaiter(waiter, timedOut ? LEASE_TIMED_OUT : LEASE_CONNECT_FAILED)
    this.connectForWaiters()
  }

  onTimer(timer: Timer): void {
    if (timer === this.sweep) this.closeLongIdle()
    else this.expireWaiters()
  }

  private connectForWaiters(): void {
    const { connectionsMax, connector } = this.env
    while (this.attempts.size < this.waiters.size && this.attempts.size + this.connections.size < connectionsMax) {
      this.attempts.add(connector.connect(this.address, this.port, this.settings.connectTimeoutMs, this))
    }
  }

  private oldestWaiter(): PoolWaiter | undefined {
    return this.waiters.values().next().value
  }

  private takeWaiter(): PoolWaiter | null {
    const waiter = this.oldestWaiter()
    if (waiter === undefined) return null
    this.cancel(waiter)
    return waiter
  }

  private failWaiter(waiter: PoolWaiter, failure: LeaseFailure): void {
    this.cancel(waiter)
    this.settings.stats.add(UPSTREAM_RQ_PENDING_FAILURE_EJECT, 1)
    waiter.onLeaseFailed(failure)
  }

  private armDeadline(): void {
    const waiter = this.oldestWaiter()
    if (waiter === undefined || this.deadline.armed) return
    this.deadline.arm(Math.max(0, waiter.waitingSinceMs + this.settings.connectTimeoutMs - this.env.clock()))
  }

  private expireWaiters(): void {
    const overdueMs = this.env.clock() - this.settings.connectTimeoutMs
    // In order of age. A copy: who fails may come right back and wait again.
    for (const waiter of [...this.waiters]) {
      if (waiter.waitingSinceMs > overdueMs) break
      this.failWaiter(waiter, LEASE_TIMED_OUT)
    }
    this.armDeadline()
  }

  private closeLongIdle(): void {
    const overdueMs = this.env.clock() - this.env.idleTimeoutMs
    // The bottom of the stack was idle longest.
    while (this.idleSinceMs.length > 0 && this.idleSinceMs[0]! <= overdueMs) {
      this.idleSinceMs.shift()
      this.onLimit('upstreamIdleMs')
      this.idle.shift()!.drain()
    }
    if (this.idle.length > 0) this.sweep.arm(SWEEP_MS)
  }
}

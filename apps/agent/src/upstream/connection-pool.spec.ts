import { afterEach, describe, expect, it } from '@jest/globals'
import { type ClientConnection, type ClientExchange, type ClientConnectionOwner } from '../http/exchange.js'
import { TimerWheel, type WheelClock } from '../io/timer-wheel.js'
import {
  CLUSTER_STAT_OF,
  createClusterStats,
  UPSTREAM_CX_ACTIVE,
  UPSTREAM_CX_CONNECT_FAIL,
  UPSTREAM_CX_TOTAL,
  UPSTREAM_RQ_PENDING_ACTIVE,
  UPSTREAM_RQ_PENDING_OVERFLOW,
} from './cluster-stats.js'
import { ConnectionPool, LEASE_CONNECT_FAILED, LEASE_TIMED_OUT, type PoolWaiter } from './connection-pool.js'
import { type ConnectAttempt, type Connector, type ConnectOwner } from './connector.js'

/** Time that only moves when the test says so. */
class ManualClock implements WheelClock {
  private ms = 0
  private tick: (() => void) | null = null

  now(): number {
    return this.ms
  }

  every(_intervalMs: number, tick: () => void): () => void {
    this.tick = tick
    return () => (this.tick = null)
  }

  advance(ms: number): void {
    for (const end = this.ms + ms; this.ms < end;) {
      this.ms = Math.min(end, this.ms + 10)
      this.tick?.()
    }
  }
}

class FakeConnection implements ClientConnection {
  freeSlots = 1
  isDraining = false
  opened = 0

  constructor(private readonly owner: ClientConnectionOwner) {}

  open(): ClientExchange {
    this.freeSlots = 0
    this.opened++
    return { connection: this } as unknown as ClientExchange
  }

  /** The exchange is over and the connection may serve the next. */
  finish(): void {
    this.freeSlots = 1
    if (this.isDraining) this.destroy()
    else this.owner.onSlotFree(this)
  }

  drain(): void {
    this.isDraining = true
    if (this.freeSlots === 1) this.destroy()
  }

  destroy(): void {
    this.freeSlots = 0
    this.owner.onConnectionClosed(this)
  }
}

class FakeConnector implements Connector {
  readonly attempts: { attempt: ConnectAttempt; owner: ConnectOwner; cancelled: boolean }[] = []
  readonly connections: FakeConnection[] = []

  connect(_address: string, _port: number, _timeoutMs: number, owner: ConnectOwner): ConnectAttempt {
    const entry = { owner, cancelled: false, attempt: { cancel: () => void (entry.cancelled = true) } }
    this.attempts.push(entry)
    return entry.attempt
  }

  succeed(index: number): FakeConnection {
    const { attempt, owner } = this.attempts[index]!
    const connection = new FakeConnection(owner)
    this.connections.push(connection)
    owner.onConnected(attempt, connection)
    return connection
  }

  fail(index: number, timedOut = false): void {
    const { attempt, owner } = this.attempts[index]!
    owner.onConnectFailed(attempt, timedOut)
  }
}

function createWaiter() {
  const heard: (string | number)[] = []
  const unheard = (): never => {
    throw new Error('not part of a lease')
  }
  const waiter: PoolWaiter = {
    waitingSinceMs: 0,
    onLeased: () => heard.push('leased'),
    onLeaseFailed: (failure) => heard.push(failure),
    onInformational: unheard,
    onUpgrade: unheard,
    onResponse: unheard,
    onRequestWritable: unheard,
    onResponseReset: unheard,
    onData: unheard,
    onEnd: unheard,
  }
  return Object.assign(waiter, { heard })
}

describe('ConnectionPool', () => {
  const pools: ConnectionPool[] = []
  afterEach(() => pools.splice(0).forEach((pool) => pool.destroy()))

  function createPool(limits: { connectionsMax?: number; pendingMax?: number; idleTimeoutMs?: number } = {}) {
    const time = new ManualClock()
    const connector = new FakeConnector()
    const settings = { connectTimeoutMs: 1000, stats: createClusterStats('test') }
    const pool = new ConnectionPool('127.0.0.1', 80, settings, {
      connector,
      wheel: new TimerWheel(time),
      clock: () => time.now(),
      connectionsMax: limits.connectionsMax ?? 100,
      pendingMax: limits.pendingMax ?? 100,
      idleTimeoutMs: limits.idleTimeoutMs ?? 3_600_000,
    })
    pools.push(pool)
    return { pool, connector, time, values: settings.stats.values }
  }

  it('opens a connection for who waits, and lends it again without opening another', () => {
    const { pool, connector, values } = createPool()
    const waiter = createWaiter()
    expect(pool.leaseIdle(waiter)).toBeNull()
    expect(pool.wait(waiter)).toBe(true)
    expect(values[UPSTREAM_RQ_PENDING_ACTIVE]).toBe(1)
    const connection = connector.succeed(0)
    expect(waiter.heard).toEqual(['leased'])
    connection.finish()
    expect(pool.leaseIdle(waiter)).toEqual({ connection })
    expect(connector.attempts).toHaveLength(1)
    expect([values[UPSTREAM_CX_TOTAL], values[UPSTREAM_CX_ACTIVE], values[UPSTREAM_RQ_PENDING_ACTIVE]]).toEqual([
      1, 1, 0,
    ])
  })

  it('lends the connection that became idle last', () => {
    const { pool, connector } = createPool()
    const waiters = [createWaiter(), createWaiter()]
    waiters.forEach((waiter) => pool.wait(waiter))
    const [first, second] = [connector.succeed(0), connector.succeed(1)]
    second.finish()
    first.finish()
    expect(pool.leaseIdle(waiters[0]!)).toEqual({ connection: first })
    expect(pool.leaseIdle(waiters[0]!)).toEqual({ connection: second })
  })

  it('gives a freed connection to who waits longest, while the new one becomes idle', () => {
    const { pool, connector } = createPool()
    const [first, second] = [createWaiter(), createWaiter()]
    pool.wait(first)
    const busy = connector.succeed(0)
    pool.wait(second)
    busy.finish()
    expect(second.heard).toEqual(['leased'])
    const spare = connector.succeed(1)
    expect(pool.leaseIdle(first)).toEqual({ connection: spare })
  })

  it('never lends a connection that died while it was idle', () => {
    const { pool, connector } = createPool()
    const waiter = createWaiter()
    pool.wait(waiter)
    const connection = connector.succeed(0)
    connection.finish()
    connection.destroy()
    expect(pool.leaseIdle(waiter)).toBeNull()
    expect(pool.openConnections).toBe(0)
  })

  it('fails one waiter a failed attempt', () => {
    const { pool, connector, values } = createPool()
    const [first, second] = [createWaiter(), createWaiter()]
    pool.wait(first)
    pool.wait(second)
    connector.fail(0)
    expect([first.heard, second.heard]).toEqual([[LEASE_CONNECT_FAILED], []])
    connector.fail(1, true)
    expect(second.heard).toEqual([LEASE_TIMED_OUT])
    expect(values[UPSTREAM_CX_CONNECT_FAIL]).toBe(1)
  })

  it('refuses who comes when too many wait', () => {
    const { pool, values } = createPool({ pendingMax: 1 })
    expect(pool.wait(createWaiter())).toBe(true)
    expect(pool.wait(createWaiter())).toBe(false)
    expect(values[UPSTREAM_RQ_PENDING_OVERFLOW]).toBe(1)
  })

  it('lets requests wait at the connection limit, and no longer than the connect timeout', () => {
    const { pool, connector, time } = createPool({ connectionsMax: 1 })
    const [first, second, third] = [createWaiter(), createWaiter(), createWaiter()]
    pool.wait(first)
    const connection = connector.succeed(0)
    pool.wait(second)
    time.advance(600)
    pool.wait(third)
    expect(connector.attempts).toHaveLength(1)
    time.advance(500)
    expect([second.heard, third.heard]).toEqual([[LEASE_TIMED_OUT], []])
    connection.finish()
    expect(third.heard).toEqual(['leased'])
  })

  it('opens another connection for who waits at the limit when one closes', () => {
    const { pool, connector } = createPool({ connectionsMax: 1 })
    const [first, second] = [createWaiter(), createWaiter()]
    pool.wait(first)
    const connection = connector.succeed(0)
    pool.wait(second)
    connection.destroy()
    connector.succeed(1)
    expect(second.heard).toEqual(['leased'])
  })

  it('forgets a waiter that lost interest', () => {
    const { pool, connector } = createPool()
    const waiter = createWaiter()
    pool.wait(waiter)
    pool.cancel(waiter)
    const connection = connector.succeed(0)
    expect(waiter.heard).toEqual([])
    expect(pool.leaseIdle(waiter)).toEqual({ connection })
  })

  it('closes what was idle for too long, oldest first', () => {
    const { pool, connector, time, values } = createPool({ idleTimeoutMs: 100_000 })
    const waiters = [createWaiter(), createWaiter()]
    waiters.forEach((waiter) => pool.wait(waiter))
    const [old, young] = [connector.succeed(0), connector.succeed(1)]
    old.finish()
    time.advance(80_000)
    young.finish()
    time.advance(60_000)
    expect([old.isDraining, young.isDraining, pool.openConnections]).toEqual([true, false, 1])
    expect(values[CLUSTER_STAT_OF.get('upstreamIdleMs')!]).toBe(1)
  })

  it('when drained closes idle connections at once and busy ones after their exchange', () => {
    const { pool, connector } = createPool()
    const waiters = [createWaiter(), createWaiter()]
    waiters.forEach((waiter) => pool.wait(waiter))
    const [busy, idle] = [connector.succeed(0), connector.succeed(1)]
    idle.finish()
    pool.drain()
    expect([idle.isDraining, pool.openConnections]).toEqual([true, 1])
    busy.finish()
    expect(pool.openConnections).toBe(0)
  })

  it('when drained still serves who holds on to it, and keeps nothing', () => {
    const { pool, connector } = createPool()
    pool.drain()
    const waiter = createWaiter()
    pool.wait(waiter)
    const connection = connector.succeed(0)
    expect(waiter.heard).toEqual(['leased'])
    connection.finish()
    expect(pool.openConnections).toBe(0)
  })

  it('when destroyed fails who waits and cancels what is under way', () => {
    const { pool, connector } = createPool()
    const waiter = createWaiter()
    pool.wait(waiter)
    pool.destroy()
    expect([waiter.heard, connector.attempts[0]!.cancelled]).toEqual([[LEASE_CONNECT_FAILED], true])
  })
})

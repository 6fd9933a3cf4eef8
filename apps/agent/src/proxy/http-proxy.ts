// HOT: runs per request. Measure before and after.
import { type PathNormalizer } from '@fairlead/core/routing'
import { type ServerExchange } from '../http/exchange.js'
import { type TimerWheel } from '../io/timer-wheel.js'
import { type Entrance } from './entrance.js'
import { ProxiedRequest } from './proxied-request.js'
import { RequestIds } from './request-ids.js'
import { ServiceTimeField } from './service-time-field.js'
import { type LiveTables } from './tables.js'

export interface ProxyEnvironment {
  readonly live: LiveTables
  readonly wheel: TimerWheel
  /** Monotonic milliseconds. */
  readonly clock: () => number
  /** In [0, 1). */
  readonly random: () => number
  /** Request body kept for a retry, a request. */
  readonly retainedBodyBytes: number
  /** A tunnel without a byte in either direction. */
  readonly tunnelIdleMs: number
  /** Null: paths are matched and forwarded as they come. */
  readonly pathNormalizer: PathNormalizer | null
  /** Proxies in front of gateways whose `x-forwarded-*` are believed. */
  readonly trustedHops: number
}

/** Request objects kept for reuse; more are left to the garbage collector. */
const FREE_MAX = 1024

/** Gives each request an object that lives through it, and takes it back at its end. */
export class HttpProxy {
  readonly requestIds = new RequestIds()
  readonly serviceTime = new ServiceTimeField()
  private readonly free: ProxiedRequest[] = []

  constructor(readonly environment: ProxyEnvironment) {}

  begin(exchange: ServerExchange, entrance: Entrance): void {
    const request = this.free.pop() ?? new ProxiedRequest(this, this.environment)
    request.begin(exchange, entrance)
  }

  /** The request is over and nothing will call it any more. */
  release(request: ProxiedRequest): void {
    if (this.free.length < FREE_MAX) this.free.push(request)
  }
}

import { type BalancedHost } from './balancers/balancer.js'
import { ConnectionPool, type PoolEnvironment, type PoolSettings } from './connection-pool.js'

/** One endpoint of one cluster: what balancers pick. Lives as long as a config names its address. */
export class Host implements BalancedHost {
  /** Tries under way or waiting. */
  activeRequests = 0
  readonly pool: ConnectionPool

  constructor(
    readonly address: string,
    readonly port: number,
    settings: PoolSettings,
    environment: PoolEnvironment,
  ) {
    this.pool = new ConnectionPool(address, port, settings, environment)
  }
}

import { type ClusterPart, type Endpoint, type LoadBalancer } from '@fairlead/core/snapshot'
import { type StatBlock } from '../telemetry/stat-block.js'
import { type Balancer, type RandomSource, type WeightedHost } from './balancers/balancer.js'
import { LeastRequestBalancer } from './balancers/least-request.js'
import { RandomBalancer } from './balancers/random.js'
import { RoundRobinBalancer } from './balancers/round-robin.js'
import { createClusterStats, MEMBERSHIP_TOTAL, UPSTREAM_CX_NONE_HEALTHY } from './cluster-stats.js'
import { type PoolEnvironment, type PoolSettings } from './connection-pool.js'
import { Host } from './host.js'

export interface ClusterEnvironment extends PoolEnvironment {
  readonly random: RandomSource
}

/** How often a pick that hit a host already tried is drawn again (Istio's hostSelectionRetryMaxAttempts, S31). */
const RESELECTIONS_MAX = 5

/**
 * A live upstream cluster. It outlives snapshots that keep its name, and each endpoint's connections outlive those that
 * keep its address: a new config or endpoint list replaces hosts and balancer at once, and touches no connection that
 * is still wanted. Requests in flight on a removed endpoint finish there.
 */
export class Cluster implements PoolSettings {
  readonly stats: StatBlock
  connectTimeoutMs = 0
  private loadBalancer: LoadBalancer = 'LEAST_REQUEST'
  private hosts: readonly WeightedHost<Host>[] = []
  /** Removed, with connections that still finish. */
  private leaving: readonly Host[] = []
  /** Null: no endpoints. */
  private balancer: Balancer<Host> | null = null

  constructor(
    readonly name: string,
    private readonly environment: ClusterEnvironment,
  ) {
    this.stats = createClusterStats(name)
  }

  /** For views: the endpoints as they are now. */
  get members(): readonly WeightedHost<Host>[] {
    return this.hosts
  }

  /** For views: endpoints that were removed and still finish requests. */
  get drainingMembers(): readonly Host[] {
    return this.leaving.filter((host) => host.pool.openConnections > 0)
  }

  get hasConnections(): boolean {
    return this.drainingMembers.length > 0 || this.hosts.some(({ host }) => host.pool.openConnections > 0)
  }

  /** Takes over settings and endpoints in one step. */
  update(part: ClusterPart, endpoints: readonly Endpoint[]): void {
    this.connectTimeoutMs = part.connectTimeoutMs
    this.loadBalancer = part.loadBalancer
    this.replaceEndpoints(endpoints)
  }

  /** Hosts that stay keep their connections; hosts that go drain. */
  replaceEndpoints(endpoints: readonly Endpoint[]): void {
    const leaving = new Map(this.hosts.map((entry) => [hostKey(entry.host), entry.host]))
    const next = new Map<string, WeightedHost<Host>>()
    for (const endpoint of endpoints) {
      const key = hostKey(endpoint)
      const twin = next.get(key)
      const host = twin?.host ?? leaving.get(key) ?? new Host(endpoint.address, endpoint.port, this, this.environment)
      // Two names may have one address: it gets the share of both.
      next.set(key, { host, weight: endpoint.weight + (twin?.weight ?? 0) })
    }
    for (const key of next.keys()) leaving.delete(key)
    this.hosts = [...next.values()]
    this.balancer = createBalancer(this.loadBalancer, this.hosts, this.environment.random)
    this.stats.values[MEMBERSHIP_TOTAL] = this.hosts.length
    for (const host of leaving.values()) host.pool.drain()
    this.leaving = [...this.leaving, ...leaving.values()].filter((host) => host.pool.openConnections > 0)
  }

  /** A host to try, if possible none of `tried`; null: there are no endpoints (503 UH). */
  pick(tried: readonly Host[] | null): Host | null {
    if (this.balancer === null) {
      this.stats.add(UPSTREAM_CX_NONE_HEALTHY, 1)
      return null
    }
    let host = this.balancer.pick()
    if (tried === null || tried.length === 0) return host
    for (let i = 0; i < RESELECTIONS_MAX && tried.includes(host); i++) host = this.balancer.pick()
    return host
  }

  /** No config names this cluster any more. */
  drain(): void {
    for (const { host } of this.hosts) host.pool.drain()
  }

  destroy(): void {
    for (const { host } of this.hosts) host.pool.destroy()
    for (const host of this.leaving) host.pool.destroy()
  }
}

function createBalancer(
  kind: LoadBalancer,
  hosts: readonly WeightedHost<Host>[],
  random: RandomSource,
): Balancer<Host> | null {
  if (hosts.length === 0) return null
  switch (kind) {
    case 'ROUND_ROBIN':
      return new RoundRobinBalancer(hosts, random)
    case 'RANDOM':
      return new RandomBalancer(hosts, random)
    case 'LEAST_REQUEST':
      return new LeastRequestBalancer(hosts, random)
  }
}

function hostKey(endpoint: { readonly address: string; readonly port: number }): string {
  return `${endpoint.address}|${endpoint.port}`
}

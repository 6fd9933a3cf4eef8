import { type ClusterPart, type Endpoint } from '@fairlead/core/snapshot'
import { type StatRegistry } from '../telemetry/stat-registry.js'
import { UPDATE_ATTEMPT, UPDATE_FAILURE } from '../upstream/cluster-stats.js'
import { Cluster, type ClusterEnvironment } from '../upstream/cluster.js'
import { DnsEndpoints, type LookupAll } from '../upstream/dns-endpoints.js'
import { type CompiledParts } from './compiled-parts.js'

/** A change that was prepared; exactly one of the two is called. Neither can fail. */
export interface PreparedClusters {
  readonly clusters: ReadonlyMap<string, Cluster>
  commit(): void
  abort(): void
}

interface Entry {
  readonly cluster: Cluster
  readonly part: ClusterPart
  readonly endpoints: readonly Endpoint[]
  /** Cluster's and endpoints' hash: equal ones mean nothing to do. */
  readonly hash: string
  readonly dns: DnsEndpoints | null
  /** Before the commit an answer of DNS is only kept; after it each one goes to the cluster at once. */
  isLive: boolean
}

/** How long an apply waits for names it never resolved before; what is unknown then is 503 UH until it is known. */
const FIRST_ANSWER_MS = 2_000

/** The clusters of all snapshots in turn. A cluster that keeps its name keeps its connections and its numbers. */
export class ClusterSet {
  private entries: ReadonlyMap<string, Entry> = new Map()
  /** Removed, with requests still under way. */
  private leaving: readonly Cluster[] = []

  constructor(
    private readonly env: ClusterEnvironment,
    private readonly stats: StatRegistry,
    private readonly lookup: LookupAll,
  ) {}

  async prepare(parts: CompiledParts): Promise<PreparedClusters> {
    const next = new Map<string, Entry>()
    for (const { part, hash } of parts.values()) {
      if (part.type === 'cluster') next.set(part.name, this.entryOf(part, hash, parts))
    }
    const changed = [...next.values()].filter((entry) => !entry.isLive)
    await Promise.all(changed.map(async ({ dns }) => dns?.start(FIRST_ANSWER_MS)))
    return {
      clusters: new Map(Array.from(next, ([name, entry]) => [name, entry.cluster])),
      commit: () => this.commit(next, changed),
      abort: () => changed.forEach((entry) => entry.dns?.stop()),
    }
  }

  list(): readonly { readonly cluster: Cluster; readonly part: ClusterPart }[] {
    return [...this.entries.values()]
  }

  destroy(): void {
    for (const { cluster, dns } of this.entries.values()) {
      dns?.stop()
      cluster.destroy()
    }
    for (const cluster of this.leaving) cluster.destroy()
  }

  private entryOf(part: ClusterPart, clusterHash: string, parts: CompiledParts): Entry {
    const compiled = parts.get(`endpoints/${part.name}`)
    const hash = `${clusterHash} ${compiled?.hash ?? ''}`
    const known = this.entries.get(part.name)
    if (known !== undefined && known.hash === hash) return known
    const endpoints = compiled?.part.type === 'endpoints' ? compiled.part.endpoints : []
    const cluster = known?.cluster ?? new Cluster(part.name, this.env)
    const dns = part.discovery === 'dns' ? this.discover(cluster, endpoints, () => entry.isLive) : null
    const entry: Entry = { cluster, part, endpoints, hash, dns, isLive: false }
    if (dns !== null && known?.dns) dns.inherit(known.dns)
    return entry
  }

  private discover(cluster: Cluster, endpoints: readonly Endpoint[], isLive: () => boolean): DnsEndpoints {
    return new DnsEndpoints(endpoints, this.lookup, {
      onEndpoints: (resolved) => {
        if (isLive()) cluster.replaceEndpoints(resolved)
      },
      onLookup: (failed) => {
        cluster.stats.add(UPDATE_ATTEMPT, 1)
        if (failed) cluster.stats.add(UPDATE_FAILURE, 1)
      },
    })
  }

  private commit(next: ReadonlyMap<string, Entry>, changed: readonly Entry[]): void {
    const previous = this.entries
    this.entries = next
    for (const entry of changed) {
      const { cluster, part } = entry
      previous.get(part.name)?.dns?.stop()
      if (!previous.has(part.name)) this.stats.add(cluster.stats)
      cluster.update(part, entry.dns === null ? entry.endpoints : entry.dns.resolved)
      entry.isLive = true
    }
    const removed = [...previous].filter(([name]) => !next.has(name)).map(([, entry]) => entry)
    for (const { cluster, dns } of removed) {
      dns?.stop()
      cluster.drain()
      this.stats.remove(cluster.stats)
    }
    this.leaving = [...this.leaving, ...removed.map(({ cluster }) => cluster)].filter((each) => each.hasConnections)
  }
}

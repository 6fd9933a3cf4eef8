import { lookup } from 'node:dns/promises'
import { createPathNormalizer } from '@fairlead/core/routing'
import { formatVersion, type ListenerPart, type Snapshot, type SnapshotVersion } from '@fairlead/core/snapshot'
import { turnNowMs } from '../io/read-turn.js'
import { TimerWheel } from '../io/timer-wheel.js'
import { DEFAULT_LIMITS } from '../limits/limits.js'
import { HttpListener, type HttpListenerOptions, type ListenEnvironment } from '../listen/http-listener.js'
import { Entrance, type EntranceOptions } from '../proxy/entrance.js'
import { createHttpStats } from '../proxy/http-stats.js'
import { HttpProxy } from '../proxy/http-proxy.js'
import { bindKey, type CompiledRoutes, type LiveTables, type Tables } from '../proxy/tables.js'
import { type StatBlock } from '../telemetry/stat-block.js'
import { StatRegistry } from '../telemetry/stat-registry.js'
import { Http1Connector } from '../upstream/http1-connector.js'
import { ClusterSet, type PreparedClusters } from './cluster-set.js'
import { compileParts, type CompiledParts } from './compiled-parts.js'
import { type BoundAddresses, type DataPlane, type DataPlaneOptions, type DataPlaneViews } from './data-plane.js'
import { createViews } from './data-plane-views.js'
import { GatewayListeners } from './gateway-listeners.js'

/** The one implementation of `DataPlane`: wires the rooms together, and swaps. */
export class LiveDataPlane implements DataPlane {
  readonly stats = new StatRegistry()
  readonly views: DataPlaneViews
  private readonly live: LiveTables = { current: null }
  private readonly proxy: HttpProxy
  private readonly listenEnv: ListenEnvironment
  private readonly clusters: ClusterSet
  private readonly gateways: GatewayListeners
  private readonly httpStats = new Map<string, StatBlock>()
  private fixed: readonly HttpListener[] = []
  private parts: CompiledParts = new Map()
  private currentVersion: SnapshotVersion | null = null
  private applying: Promise<void> = Promise.resolve()
  private isClosed = false

  constructor(private readonly options: DataPlaneOptions) {
    const wheel = options.wheel ?? new TimerWheel()
    const clock = options.clock ?? turnNowMs
    const random = options.random ?? Math.random
    const limits = { ...DEFAULT_LIMITS, ...options.limits }
    const { pendingMax, upstreamConnectionsMax, upstreamIdleMs, retainedBodyBytes, tunnelIdleMs } = limits
    const pathNormalizer = createPathNormalizer(options.pathNormalization ?? 'BASE')
    const trustedHops = options.trustedHops ?? 0
    const bounds = { retainedBodyBytes, tunnelIdleMs }
    this.proxy = new HttpProxy({ live: this.live, wheel, clock, random, ...bounds, pathNormalizer, trustedHops })
    this.listenEnv = { wheel, stats: this.stats, limits }
    const connector = new Http1Connector(wheel, limits)
    const pools = { connectionsMax: upstreamConnectionsMax, pendingMax, idleTimeoutMs: upstreamIdleMs }
    const lookupAll = options.lookup ?? ((name: string) => lookup(name, { all: true }))
    this.clusters = new ClusterSet({ connector, wheel, clock, random, ...pools }, this.stats, lookupAll)
    this.gateways = new GatewayListeners(this.listenEnv, (part) => this.gatewayOf(part))
    this.views = createViews({
      version: () => this.currentVersion,
      parts: () => this.parts,
      clusters: () => this.clusters.list(),
      listeners: () => [...this.fixed, ...this.gateways.list()],
    })
  }

  get version(): SnapshotVersion | null {
    return this.currentVersion
  }

  get bound(): BoundAddresses {
    const opened = [...this.fixed]
    const { outbound, outboundBinds, inbound } = this.options
    const next = () => {
      const listener = opened.shift()!
      return { address: listener.address, port: listener.port }
    }
    return {
      outbound: outbound === null ? null : next(),
      outboundBinds: outboundBinds.map(({ destination }) => ({ ...next(), destination })),
      inbound: inbound.map(({ applicationPort }) => ({ ...next(), applicationPort })),
    }
  }

  async start(): Promise<void> {
    const { outbound, outboundBinds, inbound } = this.options
    const opened: HttpListener[] = []
    try {
      if (outbound !== null) opened.push(await this.openOutbound(outbound))
      for (const bind of outboundBinds) opened.push(await this.openOutbound(bind))
      for (const bind of inbound) opened.push(await this.openInbound(bind))
    } catch (error) {
      await Promise.all(opened.map((listener) => listener.destroy()))
      throw error
    }
    this.fixed = opened
  }

  apply(snapshot: Snapshot): Promise<void> {
    const applied = this.applying.then(() => this.applyNow(snapshot))
    this.applying = applied.catch(() => {})
    return applied
  }

  async drain(graceMs: number): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const grace = new Promise<void>((resolve) => (timer = setTimeout(resolve, graceMs)))
    const listeners = [...this.fixed, ...this.gateways.list()]
    await Promise.race([Promise.all(listeners.map((listener) => listener.drain())), grace])
    clearTimeout(timer)
  }

  async close(): Promise<void> {
    this.isClosed = true
    await this.applying
    await Promise.all([...this.fixed, ...this.gateways.list()].map((listener) => listener.destroy()))
    this.clusters.destroy()
  }

  /** Everything that can fail or wait comes before the swap; the swap itself is synchronous and cannot fail. */
  private async applyNow(snapshot: Snapshot): Promise<void> {
    const parts = compileParts(snapshot, this.parts)
    const clusters = await this.clusters.prepare(parts)
    const listeners = await this.prepareListeners(parts, clusters)
    if (this.isClosed) {
      clusters.abort()
      return listeners.abort()
    }
    clusters.commit()
    this.live.current = buildTables(parts, clusters)
    listeners.commit()
    this.parts = parts
    this.currentVersion = snapshot.version
    this.options.log.info({ version: formatVersion(snapshot.version), parts: parts.size }, 'config applied')
  }

  private async prepareListeners(parts: CompiledParts, clusters: PreparedClusters) {
    try {
      return await this.gateways.prepare(parts)
    } catch (error) {
      clusters.abort()
      throw error
    }
  }

  private openOutbound(bind: DataPlaneOptions['outbound'] & object): Promise<HttpListener> {
    const destination = 'destination' in bind ? (bind as DataPlaneOptions['outboundBinds'][number]).destination : null
    const name = destination === null ? 'outbound' : `outbound|${destination.host}|${destination.port}`
    return this.open({ name, direction: 'outbound', ...addressOf(bind), originalDestination: destination }, () => ({
      direction: 'outbound',
      bindKey: null,
      destinationPort: destination?.port ?? 0,
      authority: destination === null ? null : authorityOf(destination),
    }))
  }

  private openInbound(bind: DataPlaneOptions['inbound'][number]): Promise<HttpListener> {
    const name = `inbound|${bind.address}|${bind.port}`
    return this.open({ name, direction: 'inbound', ...addressOf(bind), originalDestination: null }, ({ port }) => ({
      direction: 'inbound',
      bindKey: bindKey('inbound', bind.address, port),
      destinationPort: port,
      authority: null,
    }))
  }

  private open(
    options: HttpListenerOptions,
    entranceOf: (listener: HttpListener) => EntranceOptions,
  ): Promise<HttpListener> {
    return HttpListener.open(options, this.listenEnv, (listener) => this.entrance(entranceOf(listener)))
  }

  private gatewayOf(part: ListenerPart): Entrance {
    const key = bindKey('gateway', part.address ?? '0.0.0.0', part.port)
    return this.entrance({ direction: 'gateway', bindKey: key, destinationPort: part.port, authority: null })
  }

  private entrance(options: EntranceOptions): Entrance {
    let stats = this.httpStats.get(options.direction)
    if (stats === undefined) {
      stats = createHttpStats(options.direction)
      this.httpStats.set(options.direction, stats)
      this.stats.add(stats)
    }
    return new Entrance(options, this.proxy, stats)
  }
}

function buildTables(parts: CompiledParts, { clusters }: PreparedClusters): Tables {
  const outbound = new Map<number, ListenerPart>()
  const bound = new Map<string, ListenerPart>()
  const routes = new Map<string, CompiledRoutes>()
  for (const { part, routes: compiled } of parts.values()) {
    if (compiled !== null) routes.set(compiled.part.name, compiled)
    if (part.type !== 'listener') continue
    if (part.direction === 'outbound') outbound.set(part.port, part)
    else bound.set(bindKey(part.direction, part.address ?? '0.0.0.0', part.port), part)
  }
  return { outbound, bound, routes, clusters }
}

function addressOf(bind: { readonly address: string; readonly port: number }) {
  return { address: bind.address, port: bind.port }
}

/** As a client would write it: without the port if that is HTTP's own. */
function authorityOf({ host, port }: { readonly host: string; readonly port: number }): Uint8Array {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return new TextEncoder().encode(port === 80 ? name : `${name}:${port}`)
}

import { type PathNormalization } from '@fairlead/core/routing'
import { type Snapshot, type SnapshotVersion } from '@fairlead/core/snapshot'
import { type TimerWheel } from '../io/timer-wheel.js'
import { type Limits } from '../limits/limits.js'
import { type StatRegistry } from '../telemetry/stat-registry.js'
import { LiveDataPlane } from './live-data-plane.js'

export { ApplyError } from './apply-error.js'

/** An address to bind. Port 0 takes a free one; `DataPlane.bound` tells which. */
export interface BindAddress {
  readonly address: string
  readonly port: number
}

export interface OutboundBind extends BindAddress {
  /** Every request that comes in here is meant for this service, whatever its Host says. */
  readonly destination: { readonly host: string; readonly port: number }
}

export interface InboundBind extends BindAddress {
  readonly applicationPort: number
}

/** What the data plane writes to; pino's loggers fit. */
export interface Log {
  info(fields: object, message: string): void
  warn(fields: object, message: string): void
}

export interface DataPlaneOptions {
  readonly role: 'sidecar' | 'gateway'
  readonly outbound: BindAddress | null
  readonly outboundBinds: readonly OutboundBind[]
  readonly inbound: readonly InboundBind[]
  readonly log: Log
  /** Istio's mesh option; the default is BASE. */
  readonly pathNormalization?: PathNormalization
  /** Proxies in front of gateway listeners whose `x-forwarded-*` are believed; the default is 0. */
  readonly trustedHops?: number
  /** In [0, 1); the default is Math.random. */
  readonly random?: () => number
  /** Monotonic milliseconds; the default is that of the read turn. */
  readonly clock?: () => number
  /** All addresses of a name; the default is dns.lookup. */
  readonly lookup?: (name: string) => Promise<readonly { readonly address: string }[]>
  /** Those that differ from their defaults. */
  readonly limits?: Partial<Limits>
  /** Of all deadlines; the default runs on the process's clock. */
  readonly wheel?: TimerWheel
}

/** Where the flag-given listeners really are, in the order of the options. Valid after `start`. */
export interface BoundAddresses {
  readonly outbound: BindAddress | null
  readonly outboundBinds: readonly OutboundBind[]
  readonly inbound: readonly InboundBind[]
}

/** Plain JSON values for the admin server; computed when called. */
export interface DataPlaneViews {
  configDump(): unknown
  clusters(): unknown
  routes(): unknown
  listeners(): unknown
}

/**
 * The agent as an interpreter of snapshots: sockets, route tables and clusters. Owns no control session and no disk.
 */
export interface DataPlane {
  /** Opens the listeners that the options name. Rejects if one cannot be bound (then none stays open). */
  start(): Promise<void>
  /**
   * Builds all tables of the snapshot aside and swaps them in between two requests. Rejects with `ApplyError` and
   * leaves the old tables serving if any part cannot be built or bound. Calls are worked off one after the other.
   */
  apply(snapshot: Snapshot): Promise<void>
  /** What serves now; null before the first snapshot. */
  readonly version: SnapshotVersion | null
  readonly bound: BoundAddresses
  readonly views: DataPlaneViews
  readonly stats: StatRegistry
  /** Stops accepting, says `Connection: close`, and resolves when all connections ended or after `graceMs`. */
  drain(graceMs: number): Promise<void>
  /** Closes every socket and timer at once. */
  close(): Promise<void>
}

/** Opens nothing yet: `start` does. */
export function createDataPlane(options: DataPlaneOptions): DataPlane {
  return new LiveDataPlane(options)
}

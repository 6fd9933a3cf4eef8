import { type ListenerPart, type RouteConfigPart, type VirtualHost } from '@fairlead/core/snapshot'
import { type RouteTable } from '@fairlead/core/routing'
import { type Cluster } from '../upstream/cluster.js'
import { type FailPlan, type RoutePlan } from './route-plan.js'

/**
 * All that serves requests now. Immutable: a new config is a new value, taken over by one assignment between two
 * requests. Parts refer to each other by name, so that an unchanged part's compiled form serves under many configs.
 */
export interface Tables {
  /** Outbound listeners by service port. */
  readonly outbound: ReadonlyMap<number, ListenerPart>
  /** Inbound and gateway listeners by `bindKey`. */
  readonly bound: ReadonlyMap<string, ListenerPart>
  readonly routes: ReadonlyMap<string, CompiledRoutes>
  readonly clusters: ReadonlyMap<string, Cluster>
}

export interface CompiledRoutes {
  readonly part: RouteConfigPart
  readonly table: RouteTable<RoutePlan>
  /** Virtual hosts with a route that must see the head as it will be forwarded; null: none. */
  readonly readsForwarded: ReadonlySet<VirtualHost> | null
  /** What `unknownHost` means. */
  readonly unknownHost: FailPlan
}

/** The one variable that a swap assigns. */
export interface LiveTables {
  current: Tables | null
}

export function bindKey(direction: 'inbound' | 'gateway', address: string, port: number): string {
  return `${direction}|${address}|${port}`
}

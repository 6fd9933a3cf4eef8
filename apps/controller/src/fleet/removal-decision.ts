import type { AgentKey } from './agent-record.js'

/** No stream for this long is silence. */
export const SILENCE_MS = 15_000
/** So long after a controller's start nothing is removed by silence: agents are still on their way back. */
export const GRACE_MS = 60_000
/** Removals are counted over this time. */
export const WINDOW_MS = 60_000
/** Of a service's endpoints, at most this share (but at least one) goes in one window. */
export const REMOVAL_SHARE = 0.3

/** A service as far as removals see it. */
export interface ServiceMembers {
  /** Its endpoints now, stale ones included. */
  readonly served: readonly AgentKey[]
  /** How many of its endpoints silence has removed within the last WINDOW_MS. */
  readonly removedInWindow: number
}

export interface RemovalInput {
  /** Since the controller's start, in ms. */
  readonly uptimeMs: number
  /** Milliseconds without a stream, for each served workload that has none. */
  readonly silentForMs: ReadonlyMap<AgentKey, number>
  readonly services: readonly ServiceMembers[]
}

/** Every silent workload past SILENCE_MS is in one of the two. */
export interface RemovalDecision {
  readonly remove: readonly AgentKey[]
  /** Silent, but kept: others still get traffic there. */
  readonly stale: readonly AgentKey[]
}

/**
 * What silence takes away: at most max(1, 30%) of a service's endpoints in a window, and never the last. A controller
 * that cannot hear its agents must not empty the mesh; passive health checks of the data plane cover the dead ones.
 * Those silent longest go first. A workload of several services goes only if each of them can spare it.
 */
export function decideRemovals({ uptimeMs, silentForMs, services }: RemovalInput): RemovalDecision {
  if (uptimeMs < GRACE_MS) return { remove: [], stale: [] }
  const budgets = services.map(removalBudget)
  const budgetsOf = new Map<AgentKey, RemovalBudget[]>()
  services.forEach(({ served }, index) => {
    for (const key of served) budgetsOf.set(key, [...(budgetsOf.get(key) ?? []), budgets[index]!])
  })

  const remove: AgentKey[] = []
  const stale: AgentKey[] = []
  for (const key of silentLongestFirst(silentForMs)) {
    const affected = budgetsOf.get(key) ?? []
    if (affected.every((budget) => budget.removable > 0)) {
      for (const budget of affected) budget.removable--
      remove.push(key)
    } else {
      stale.push(key)
    }
  }
  return { remove, stale }
}

interface RemovalBudget {
  removable: number
}

function removalBudget({ served, removedInWindow }: ServiceMembers): RemovalBudget {
  // What went in this window still counts, or each removal would shrink the share that the next is taken from.
  const share = Math.max(1, Math.floor((served.length + removedInWindow) * REMOVAL_SHARE))
  return { removable: Math.max(0, Math.min(share - removedInWindow, served.length - 1)) }
}

function silentLongestFirst(silentForMs: ReadonlyMap<AgentKey, number>): readonly AgentKey[] {
  return [...silentForMs]
    .filter(([, ms]) => ms >= SILENCE_MS)
    .sort(([aKey, aMs], [bKey, bMs]) => bMs - aMs || (aKey < bKey ? -1 : 1))
    .map(([key]) => key)
}

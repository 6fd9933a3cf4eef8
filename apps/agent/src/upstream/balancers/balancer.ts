/** Uniform in [0, 1). */
export type RandomSource = () => number

/** What a balancer knows of a host. */
export interface BalancedHost {
  /** Requests under way or waiting, from this agent only. */
  readonly activeRequests: number
}

/** One host with its share; weights are relative and at least 1. */
export interface WeightedHost<H extends BalancedHost> {
  readonly host: H
  readonly weight: number
}

/** Picks over a fixed, non-empty list of hosts. Another list needs another balancer. */
export interface Balancer<H extends BalancedHost> {
  /** At most O(log n), no allocation. */
  pick(): H
}

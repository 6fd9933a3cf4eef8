import type { TrafficPolicy } from '../resources/index.js'

/** The blocks of a traffic policy that this version enforces. */
export interface EffectivePolicy {
  readonly loadBalancer?: TrafficPolicy['loadBalancer']
  readonly connectionPool?: TrafficPolicy['connectionPool']
}

/**
 * What holds for one port, and for a subset if its policy is given: the subset overrides block by block, without deep
 * merge (S43); settings of the port replace the blocks of their own level as a whole, so that what they leave out is
 * the default and not the inherited value (S44).
 */
export function effectivePolicy(
  rule: TrafficPolicy | undefined,
  subset: TrafficPolicy | undefined,
  port: number,
): EffectivePolicy {
  return overlay(overlay({}, rule, port), subset, port)
}

function overlay(base: EffectivePolicy, policy: TrafficPolicy | undefined, port: number): EffectivePolicy {
  if (policy === undefined) return base
  const ofPort = policy.portLevelSettings?.find((settings) => settings.port.number === port)
  if (ofPort !== undefined) return { loadBalancer: ofPort.loadBalancer, connectionPool: ofPort.connectionPool }
  return {
    loadBalancer: policy.loadBalancer ?? base.loadBalancer,
    connectionPool: policy.connectionPool ?? base.connectionPool,
  }
}

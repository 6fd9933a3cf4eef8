import type * as z from 'zod'
import { enforced, message, required } from '../common/field.js'
import { list, map, text } from '../common/scalar.js'
import { typeWorkloadSelector } from '../common/workload-selector.js'
import { subsetTrafficPolicy, trafficPolicy } from './traffic-policy.schema.js'

const subset = message('Subset', {
  name: required(enforced(text(), 'A DNS-1123 label; unique within the rule.')),
  labels: enforced(map(text()), 'All of them must be on the endpoint. Absent: every endpoint.'),
  trafficPolicy: enforced(
    subsetTrafficPolicy,
    "Overrides the rule's policy block by block. Counts only where a route names the subset.",
  ),
})

/** `networking.istio.io/DestinationRule`, as in istio/api's destination_rule.proto. */
export const destinationRuleSpec = message(
  'DestinationRuleSpec',
  {
    host: required(enforced(text(), 'A host of the registry, a short name of the own namespace, or `*.suffix`.')),
    trafficPolicy: enforced(trafficPolicy, 'How clients talk to the host.'),
    subsets: enforced(list(subset), 'Named parts of the endpoints.'),
    exportTo: enforced(list(text()), 'Namespaces that see it: `.` the own, `*` all, or names.', { default: ['*'] }),
    workloadSelector: enforced(typeWorkloadSelector, 'Client workloads of the own namespace that it is for.'),
  },
  { name: 'DestinationRule' },
)
export type DestinationRuleSpec = z.output<typeof destinationRuleSpec>
export type Subset = z.output<typeof subset>
export type TrafficPolicy = z.output<typeof trafficPolicy>
export type PortTrafficPolicy = NonNullable<TrafficPolicy['portLevelSettings']>[number]
export type LoadBalancerSettings = NonNullable<TrafficPolicy['loadBalancer']>

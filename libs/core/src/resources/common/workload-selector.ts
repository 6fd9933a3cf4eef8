import type * as z from 'zod'
import { enforced, message } from './field.js'
import { map, text } from './scalar.js'

/**
 * Chooses workloads of the resource's namespace by their labels. Istio has two messages of this shape, whose field is
 * `labels` in networking and `matchLabels` in other groups; this is the one of networking.
 */
export const workloadSelector = message('WorkloadSelector', {
  labels: enforced(map(text()), 'All of them must be on the workload. `*` is no wildcard and is refused.'),
})
export type WorkloadSelector = z.output<typeof workloadSelector>

import type * as z from 'zod'
import { enforced, message } from './field.js'
import { map, text } from './scalar.js'

const doc = 'All of them must be on the workload. `*` is no wildcard and is refused.'

/** Chooses workloads of the resource's namespace by their labels: networking's own message (ServiceEntry, Sidecar). */
export const workloadSelector = message('WorkloadSelector', {
  labels: enforced(map(text()), doc),
})
export type WorkloadSelector = z.output<typeof workloadSelector>

/** The message of istio.type, of the same meaning (DestinationRule and all other groups). */
export const typeWorkloadSelector = message(
  'TypeWorkloadSelector',
  { matchLabels: enforced(map(text()), doc) },
  { name: 'WorkloadSelector' },
)
export type TypeWorkloadSelector = z.output<typeof typeWorkloadSelector>

import { matchesLabels, type EndpointSource, type Labels } from '../mesh/index.js'
import type { Workload } from './compile-input.js'

/** A workload in the form that can be hashed. One object a Workload, so that it is hashed once. */
export interface PlainWorkload {
  /** `namespace/name`. */
  readonly name: string
  readonly labels: Labels
  readonly address: string
  readonly locality: string
  /** Application port -> bound port. */
  readonly ports: Readonly<Record<number, number>>
}

const selections = new WeakMap<readonly Workload[], Map<EndpointSource, readonly PlainWorkload[]>>()
const plain = new WeakMap<Workload, PlainWorkload>()

/** Workloads of the source's namespace that its selector matches, sorted by name. Remembered per array of workloads. */
export function selectWorkloads(workloads: readonly Workload[], source: EndpointSource): readonly PlainWorkload[] {
  if (source.selector === null) return []
  const known = selections.get(workloads) ?? new Map<EndpointSource, readonly PlainWorkload[]>()
  selections.set(workloads, known)
  let selection = known.get(source)
  if (selection === undefined) known.set(source, (selection = select(workloads, source.namespace, source.selector)))
  return selection
}

function select(workloads: readonly Workload[], namespace: string, selector: Labels): readonly PlainWorkload[] {
  return workloads
    .filter((workload) => workload.namespace === namespace && matchesLabels(selector, workload.labels))
    .map(plainWorkload)
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function plainWorkload(workload: Workload): PlainWorkload {
  let known = plain.get(workload)
  if (known === undefined) {
    const { namespace, name, labels, address, locality, ports } = workload
    known = { name: `${namespace}/${name}`, labels, address, locality, ports: Object.fromEntries(ports) }
    plain.set(workload, known)
  }
  return known
}

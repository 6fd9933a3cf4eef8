import type { ResourceObject } from '@fairlead/api-client'
import type { KindDefinition } from '@fairlead/core/resources'
import { formatAge } from './age.js'
import type { Row } from './table.js'

type Column = readonly [title: string, cell: (spec: Record<string, unknown>) => unknown]

/** As `kubectl get` shows Istio's kinds (the printer columns of their CRDs). */
const COLUMNS: Readonly<Record<string, readonly Column[]>> = {
  VirtualService: [
    ['GATEWAYS', (spec) => spec['gateways']],
    ['HOSTS', (spec) => spec['hosts']],
  ],
  DestinationRule: [['HOST', (spec) => spec['host']]],
  ServiceEntry: [
    ['HOSTS', (spec) => spec['hosts']],
    ['LOCATION', (spec) => spec['location']],
    ['RESOLUTION', (spec) => spec['resolution']],
  ],
}

export interface ResourceTable {
  readonly header: Row
  row(object: ResourceObject): Row
}

export function resourceTable(
  kind: KindDefinition,
  options: { readonly wide: boolean; readonly allNamespaces: boolean; readonly nowMs: number },
): ResourceTable {
  const columns = COLUMNS[kind.kind] ?? []
  return {
    header: [
      ...(options.allNamespaces ? ['NAMESPACE'] : []),
      'NAME',
      ...columns.map(([title]) => title),
      'AGE',
      ...(options.wide ? ['REVISION', 'LABELS'] : []),
    ],
    row: ({ metadata, spec }) => [
      ...(options.allNamespaces ? [metadata.namespace ?? ''] : []),
      metadata.name,
      ...columns.map(([, cell]) => formatCell(cell((spec ?? {}) as Record<string, unknown>))),
      formatAge(metadata.creationTimestamp, options.nowMs),
      ...(options.wide ? [metadata.resourceVersion ?? '', formatLabels(metadata.labels)] : []),
    ],
  }
}

/** `app=reviews,version=v1`; `<none>` as kubectl. */
export function formatLabels(labels: Readonly<Record<string, string>> | undefined): string {
  const pairs = Object.entries(labels ?? {}).map(([name, value]) => `${name}=${value}`)
  return pairs.join(',') || '<none>'
}

function formatCell(value: unknown): string {
  if (value === undefined || value === null) return ''
  return Array.isArray(value) ? JSON.stringify(value) : String(value)
}

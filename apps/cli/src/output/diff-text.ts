import type { DiffResult } from '@fairlead/api-client'
import { shortReference } from '../mesh-kind.js'

const MARKS = { created: '+', updated: '~', deleted: '-' } as const

/** A line a resource, and under it a line a field. */
export function formatDiffText(diff: DiffResult): string {
  return diff.changes
    .flatMap(({ action, kind, namespace, name, fields }) => [
      `${MARKS[action]} ${shortReference(kind, name)} (namespace ${namespace}) ${action}`,
      ...(action === 'deleted' ? [] : fields.map(formatField)),
    ])
    .map((line) => `${line}\n`)
    .join('')
}

function formatField(field: { readonly path: string; readonly from?: unknown; readonly to?: unknown }): string {
  if (field.from === undefined) return `    + ${field.path}: ${JSON.stringify(field.to)}`
  if (field.to === undefined) return `    - ${field.path}: ${JSON.stringify(field.from)}`
  return `    ~ ${field.path}: ${JSON.stringify(field.from)} -> ${JSON.stringify(field.to)}`
}

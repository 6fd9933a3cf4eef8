import type { Resource } from '@fairlead/core/resources'
import { Problem } from '../problem/problem.js'
import { parseLabelSelector } from './label-selector.js'

/** Which resources of one kind a list or a watch shows. */
export interface Selection {
  readonly group: string
  readonly kind: string
  /** Null: all namespaces. */
  readonly namespace: string | null
  matches(resource: Resource): boolean
}

export interface SelectionQuery {
  readonly labelSelector?: string | undefined
  readonly fieldSelector?: string | undefined
}

/** @throws Problem bad-request when a selector cannot be read */
export function select(
  kind: { readonly group: string; readonly kind: string },
  namespace: string | null,
  { labelSelector, fieldSelector }: SelectionQuery,
): Selection {
  const labels = labelSelector ? parseLabelSelector(labelSelector) : null
  const fields = fieldSelector ? parseFieldSelector(fieldSelector) : []
  return {
    ...kind,
    namespace,
    matches: (resource) =>
      resource.kind === kind.kind &&
      resource.apiVersion.startsWith(`${kind.group}/`) &&
      (namespace === null || resource.metadata.namespace === namespace) &&
      (labels === null || labels.matches(resource.metadata.labels)) &&
      fields.every((holds) => holds(resource)),
  }
}

function parseFieldSelector(text: string): ((resource: Resource) => boolean)[] {
  return text.split(',').map((part) => {
    const match = /^\s*metadata\.(name|namespace)\s*(==?|!=)\s*([^\s=!]+)\s*$/.exec(part)
    if (match === null) {
      const message = 'expected metadata.name or metadata.namespace, = or !=, and a value'
      throw new Problem('bad-request', `The field selector cannot be read at "${part.trim()}".`, {
        errors: [{ path: 'fieldSelector', message, code: 'selector' }],
      })
    }
    const field = match[1] as 'name' | 'namespace'
    return (resource) => (resource.metadata[field] === match[3]) === (match[2] !== '!=')
  })
}

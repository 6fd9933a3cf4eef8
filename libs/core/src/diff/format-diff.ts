import type { ResourceChange } from './change.js'

const SIGN = { created: '+', updated: '~', deleted: '-' } as const
const VALUE_MAX = 200

/** The changes as text: a line for each resource, and for updated ones a line for each field below. */
export function formatDiff(changes: readonly ResourceChange[]): string {
  return changes.map(formatChange).join('')
}

function formatChange({ action, kind, namespace, name, fields }: ResourceChange): string {
  const lines = [`${SIGN[action]} ${kind} ${namespace}/${name}`]
  for (const { path, from, to } of fields) {
    if (action !== 'deleted') lines.push(`    ${path}: ${from === null ? '' : `${show(from)} -> `}${show(to)}`)
  }
  return lines.join('\n') + '\n'
}

function show(value: unknown): string {
  if (value === null) return '(none)'
  const text = JSON.stringify(value)
  return text.length > VALUE_MAX ? `${text.slice(0, VALUE_MAX - 3)}...` : text
}

import type { ParsedDocument } from './document.js'
import { readJson } from './json-text.js'
import { readYaml } from './yaml-text.js'

/**
 * The documents of a text: a stream of YAML, or JSON (one object, or an array). A `List` gives its items. Errors of
 * syntax and of limits (1 MiB and 64 levels a document, 10,000 values behind aliases) are findings of their document
 * with code `syntax`, `duplicate`, `type`, `too-large`, `too-deep` or `too-many-aliases`. Never throws.
 */
export function parseDocuments(text: string, options: { readonly format?: 'yaml' | 'json' } = {}): ParsedDocument[] {
  const read = options.format === 'json' ? readJson(text) : readYaml(text)
  return read.flatMap(flattened).map((document, index) => ({ ...document, index }))
}

function flattened(document: Omit<ParsedDocument, 'index'>): readonly Omit<ParsedDocument, 'index'>[] {
  const { value, locate } = document
  if (!isList(value)) return [document]
  return value.items.map((item, index) => ({
    value: item,
    findings: [],
    locate: (path) => locate(['items', index, ...path]),
  }))
}

/** `kind: List`, or the list of a kind as the API answers it. */
function isList(value: unknown): value is { readonly items: readonly unknown[] } {
  if (typeof value !== 'object' || value === null) return false
  const { kind, items } = value as { readonly kind?: unknown; readonly items?: unknown }
  return typeof kind === 'string' && kind.endsWith('List') && Array.isArray(items)
}

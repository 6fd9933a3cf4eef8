import { parseDocuments } from './document/parse-documents.js'
import { isObject } from './normalise.js'
import type { Finding } from './finding.js'
import { keyOf, type Resource } from './resource.js'
import { validateResource } from './validate-resource.js'

/** What was read of one document. Names are as written, and empty where they are missing. */
export interface ReadDocument {
  readonly index: number
  readonly apiVersion: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
  /** In storage version and normal form; null when a finding is an error. */
  readonly resource: Resource | null
  readonly findings: readonly Finding[]
}

export interface ReadOptions {
  readonly format?: 'yaml' | 'json'
  /** For documents that name no namespace. */
  readonly defaultNamespace: string
}

/**
 * Reads and validates all documents of a text. Every error is a finding of its document, or of the whole when there is
 * no document at all (code `empty`). A document with the identity of an earlier one is an error (`duplicate`). Pending
 * fields are warnings with code `pending`: whether to refuse them is the caller's choice. Never throws.
 */
export function readResources(
  text: string,
  options: ReadOptions,
): { readonly documents: readonly ReadDocument[]; readonly findings: readonly Finding[] } {
  const seen = new Map<string, number>()
  const documents = parseDocuments(text, options).map(({ index, value, findings, locate }): ReadDocument => {
    if (findings.length > 0) return { ...identity(undefined, options), index, resource: null, findings }
    const document = readResource(value, options, locate)
    if (document.resource === null) return { ...document, index }
    const key = keyOf(document.resource)
    const earlier = seen.get(key)
    if (earlier === undefined) {
      seen.set(key, index)
      return { ...document, index }
    }
    const { kind, namespace, name } = document
    const message = `${kind} ${namespace}/${name} is already document ${earlier + 1} of this text: keep one of them`
    const place = locate(['metadata', 'name'])
    const duplicate = { severity: 'error', path: 'metadata.name', code: 'duplicate', message } as const
    const finding = place ? { ...duplicate, line: place.line, column: place.column } : duplicate
    return { ...document, index, resource: null, findings: [...document.findings, finding] }
  })
  const empty = { severity: 'error', path: '', code: 'empty', message: 'there is no document in the text' } as const
  return { documents, findings: documents.length === 0 ? [empty] : [] }
}

/** Validates one resource that is JSON already, as the body of a REST request. Never throws. */
export function readResource(
  value: unknown,
  options: ReadOptions,
  locate?: Parameters<typeof validateResource>[1]['locate'],
): ReadDocument {
  const context = { defaultNamespace: options.defaultNamespace, ...(locate && { locate }) }
  return { index: 0, ...identity(value, options), ...validateResource(value, context) }
}

function identity(
  value: unknown,
  options: ReadOptions,
): Pick<ReadDocument, 'apiVersion' | 'kind' | 'namespace' | 'name'> {
  const own = isObject(value) ? value : {}
  const metadata = isObject(own['metadata']) ? own['metadata'] : {}
  const text = (field: unknown): string => (typeof field === 'string' ? field.slice(0, 253) : '')
  return {
    apiVersion: text(own['apiVersion']),
    kind: text(own['kind']),
    namespace: text(metadata['namespace']) || options.defaultNamespace,
    name: text(metadata['name']),
  }
}

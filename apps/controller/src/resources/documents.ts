import type { ApplyWarning } from '@fairlead/api-client'
import { type Finding, type ReadDocument, readResource, readResources, type Resource } from '@fairlead/core/resources'
import type { RequestBody } from '../access/request-body.js'
import { type FieldProblem, Problem, type ProblemCode } from '../problem/problem.js'

export const documentTypes = ['application/yaml', 'application/x-yaml', 'text/yaml', 'application/json']

/** A valid resource, in normal form, with what there is to say about it. */
export interface Accepted {
  readonly resource: Resource
  readonly warnings: readonly ApplyWarning[]
}

export interface AcceptOptions {
  /** Of documents that name none. */
  readonly namespace: string
  /** Whether fields that this version does not enforce yet are accepted with a warning. */
  readonly allowPending: boolean
}

/** @throws Problem with every bad field of every document: bad-request (syntax), too-large, invalid */
export function readDocuments(body: RequestBody, options: AcceptOptions): Accepted[] {
  const format = body.contentType === 'application/json' ? 'json' : 'yaml'
  const { documents, findings } = readResources(body.text, { format, defaultNamespace: options.namespace })
  return accept(documents, findings, options)
}

/** For paths that take exactly one document. */
export function readDocument(body: RequestBody, options: AcceptOptions): Accepted {
  const accepted = readDocuments(body, options)
  if (accepted.length === 1) return accepted[0]!
  throw new Problem('bad-request', `Expected one document, found ${accepted.length}. POST .../apply takes many.`)
}

/** For a value that was made here, such as a patched resource. */
export function checkDocument(value: unknown, options: AcceptOptions): Accepted {
  return accept([readResource(value, { defaultNamespace: options.namespace })], [], options)[0]!
}

function accept(
  documents: readonly ReadDocument[],
  findings: readonly Finding[],
  { allowPending }: AcceptOptions,
): Accepted[] {
  const refused = (finding: Finding) => finding.severity === 'error' || (finding.code === 'pending' && !allowPending)
  const errors: FieldProblem[] = [
    ...findings.filter(refused).map((finding) => fieldProblem(finding)),
    ...documents.flatMap((document) =>
      document.findings.filter(refused).map((finding) => fieldProblem(finding, document, documents.length)),
    ),
  ]
  if (errors.length > 0) throw new Problem(codeOf(errors), detailOf(errors), { errors })
  return documents.map(({ resource, findings }) => ({
    resource: resource!,
    warnings: findings.map((finding) => warningOf(finding, resource!)),
  }))
}

function fieldProblem(finding: Finding, document?: ReadDocument, count = 1): FieldProblem {
  const { path, message, code, line, column } = finding
  const hint = code === 'pending' ? ' (accept it with allowPending=true)' : ''
  return {
    path,
    message: `${message}${hint}`,
    code,
    ...(document && count > 1 ? { document: document.index } : {}),
    ...(document?.kind ? { kind: document.kind, namespace: document.namespace } : {}),
    ...(document?.name ? { name: document.name } : {}),
    ...(line === undefined ? {} : { line }),
    ...(column === undefined ? {} : { column }),
  }
}

const syntaxCodes = new Set(['syntax', 'empty', 'too-deep', 'too-many-aliases'])

/** What cannot be read weighs more than what is wrong in it. */
function codeOf(errors: readonly FieldProblem[]): ProblemCode {
  if (errors.some(({ code }) => code === 'too-large')) return 'too-large'
  return errors.some(({ code }) => syntaxCodes.has(code)) ? 'bad-request' : 'invalid'
}

function detailOf(errors: readonly FieldProblem[]): string {
  const { path, message, line, kind, name } = errors[0]!
  const where = [name ? `${kind} ${name}` : '', line === undefined ? '' : `line ${line}`, path].filter(Boolean)
  const more = errors.length === 1 ? '' : ` (and ${errors.length - 1} more)`
  return `${where.length === 0 ? '' : `${where.join(', ')}: `}${message}${more}`
}

function warningOf({ path, message, code }: Finding, { kind, metadata }: Resource): ApplyWarning {
  return { kind, namespace: metadata.namespace, name: metadata.name, path, message, code }
}

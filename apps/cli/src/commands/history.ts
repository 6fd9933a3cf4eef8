import type { Revision } from '@fairlead/api-client'
import { ExitCode } from '../exit-code.js'
import { kindAndName } from '../mesh-kind.js'
import { formatAge } from '../output/age.js'
import { formatValue, type OutputFormat } from '../output/output-format.js'
import { formatTable } from '../output/table.js'
import type { Session } from '../session.js'

export interface HistoryOptions {
  readonly namespace?: string
  readonly limit: number
  readonly output: OutputFormat
  readonly headers: boolean
}

/** Revisions, newest first: all, or those that changed one resource. */
export async function history(
  session: Session,
  reference: string | undefined,
  options: HistoryOptions,
): Promise<number> {
  const revisions: Revision[] = []
  const resource = reference === undefined ? {} : { resource: resourceFilter(session, reference, options) }
  for await (const revision of session.client.revisions({ ...resource, limit: Math.min(options.limit, 100) })) {
    if (revisions.length === options.limit) break
    revisions.push(revision)
  }
  const list = { apiVersion: 'fairlead.io/v1', kind: 'RevisionList', items: revisions }
  const text =
    options.output.type === 'name'
      ? revisions.map(({ revision }) => `revision/${revision}\n`).join('')
      : await formatValue(list, options.output)
  session.print(text ?? historyTable(revisions, session.terminal.now(), options))
  return ExitCode.ok
}

function resourceFilter(session: Session, reference: string, options: HistoryOptions): string {
  const { kind, name } = kindAndName(reference)
  return `${kind.plural}/${options.namespace ?? session.namespace}/${name}`
}

function historyTable(revisions: readonly Revision[], nowMs: number, options: HistoryOptions): string {
  const wide = options.output.type === 'wide'
  const header = ['REVISION', ...(wide ? ['PARENT', 'TIME'] : ['AGE']), 'AUTHOR', 'SOURCE', 'CHANGES', 'MESSAGE']
  const rows = revisions.map(({ revision, parent, metadata, author, source, changes, message }) => [
    String(revision),
    ...(wide ? [String(parent ?? '-'), metadata.creationTimestamp] : [formatAge(metadata.creationTimestamp, nowMs)]),
    author,
    source,
    `+${changes.created} ~${changes.updated} -${changes.deleted}`,
    message,
  ])
  return formatTable(options.headers ? header : null, rows)
}

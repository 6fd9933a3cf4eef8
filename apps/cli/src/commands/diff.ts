import type { DiffResult, RevisionId } from '@fairlead/api-client'
import { formatDiff } from '@fairlead/core/diff'
import type { Documents } from '../documents/source-map.js'
import { ExitCode } from '../exit-code.js'
import { formatValue, type OutputFormat } from '../output/output-format.js'
import type { Session } from '../session.js'
import { sendDocuments } from './send-documents.js'

export interface DiffOptions {
  readonly output: OutputFormat
  readonly namespace?: string
  readonly allowPending?: boolean
  readonly prune?: boolean
  readonly selector?: string
}

/** As kubectl: 0 nothing differs, 1 something does, above 1 an error. */
export const DIFFERENT = 1

/** What an apply of the documents would change. */
export async function diffDocuments(session: Session, documents: Documents, options: DiffOptions): Promise<number> {
  const diff = await sendDocuments(documents, () =>
    session.client.diffDocuments(documents.body, {
      contentType: documents.contentType,
      namespace: options.namespace ?? session.namespace,
      ...(options.allowPending ? { allowPending: true } : {}),
      ...(options.prune && options.selector ? { prune: true, labelSelector: options.selector } : {}),
    }),
  )
  return show(session, diff, options)
}

/** What changed between two revisions; from the parent unless `from` is given. */
export async function diffRevisions(
  session: Session,
  from: RevisionId | undefined,
  to: RevisionId,
  options: DiffOptions,
): Promise<number> {
  return show(session, await session.client.diff(to, from), options)
}

async function show(session: Session, diff: DiffResult, options: DiffOptions): Promise<number> {
  session.print((await formatValue(diff, options.output)) ?? diffText(diff))
  return diff.changes.length === 0 ? ExitCode.ok : DIFFERENT
}

/** Over the wire an absent value is absent; in core it is null. */
function diffText({ changes }: DiffResult): string {
  return formatDiff(
    changes.map((change) => ({
      ...change,
      apiVersion: '',
      fields: change.fields.map(({ path, from = null, to = null }) => ({ path, from, to })),
    })),
  )
}

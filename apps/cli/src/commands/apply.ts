import { CommandFailure } from '../command-failure.js'
import type { Documents } from '../documents/source-map.js'
import { ExitCode } from '../exit-code.js'
import { printApplyResult } from '../output/apply-result.js'
import type { OutputFormat } from '../output/output-format.js'
import type { Session } from '../session.js'
import type { Terminal } from '../terminal.js'
import { sendDocuments } from './send-documents.js'
import { waitForRevision } from './wait.js'

export interface ApplyOptions {
  readonly namespace?: string
  readonly dryRun?: 'server' | 'client'
  readonly message?: string
  readonly prune?: boolean
  readonly selector?: string
  readonly allowPending?: boolean
  readonly wait?: boolean
  /** ms */
  readonly timeout: number
  readonly output: OutputFormat
}

/** All documents of all files become one revision, or none does. */
export async function apply(
  open: () => Session,
  terminal: Terminal,
  documents: Documents,
  options: ApplyOptions,
): Promise<number> {
  if (options.prune && !options.selector) {
    throw new CommandFailure(ExitCode.usage, '--prune needs -l: only resources that it selects may be deleted')
  }
  if (options.selector && !options.prune) throw new CommandFailure(ExitCode.usage, '-l goes with --prune')
  if (options.dryRun === 'client') {
    const { validateHere } = await import('./validate-here.js')
    return validateHere(terminal, documents, options)
  }
  const session = open()
  const result = await sendDocuments(documents, () =>
    session.client.apply(documents.body, {
      contentType: documents.contentType,
      namespace: options.namespace ?? session.namespace,
      dryRun: options.dryRun === 'server',
      ...(options.message === undefined ? {} : { message: options.message }),
      ...(options.prune && options.selector ? { prune: true, labelSelector: options.selector } : {}),
      ...(options.allowPending ? { allowPending: true } : {}),
    }),
  )
  await printApplyResult(session, result, options.output)
  return options.wait && !result.dryRun ? waitForRevision(session, result.revision, options.timeout) : ExitCode.ok
}

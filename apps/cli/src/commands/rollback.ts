import { ExitCode } from '../exit-code.js'
import { printApplyResult } from '../output/apply-result.js'
import type { OutputFormat } from '../output/output-format.js'
import type { Session } from '../session.js'
import { waitForRevision } from './wait.js'

export interface RollbackOptions {
  readonly to: number
  readonly message?: string
  readonly dryRun?: boolean
  readonly wait?: boolean
  /** ms */
  readonly timeout: number
  readonly output: OutputFormat
}

/** A new revision that equals an old one. */
export async function rollback(session: Session, options: RollbackOptions): Promise<number> {
  const result = await session.client.rollback(options.to, {
    dryRun: options.dryRun ?? false,
    ...(options.message === undefined ? {} : { message: options.message }),
  })
  await printApplyResult(session, result, options.output)
  return options.wait && !result.dryRun ? waitForRevision(session, result.revision, options.timeout) : ExitCode.ok
}

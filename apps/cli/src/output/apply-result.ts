import type { ApplyResult } from '@fairlead/api-client'
import { shortReference } from '../mesh-kind.js'
import type { Session } from '../session.js'
import { formatValue, type OutputFormat } from './output-format.js'

/** Prints what apply and rollback answer: a line a resource, the revision, warnings on stderr. */
export async function printApplyResult(session: Session, result: ApplyResult, format: OutputFormat): Promise<void> {
  for (const { kind, name, path, message } of result.warnings) {
    session.warn([shortReference(kind, name), path, message].filter((part) => part !== '').join(': '))
  }
  const text = await formatValue(result, format)
  if (text !== null) {
    session.print(text)
    return
  }
  if (format.type === 'name') {
    session.print(result.results.map(({ kind, name }) => `${shortReference(kind, name)}\n`).join(''))
    return
  }
  const suffix = result.dryRun ? ' (server dry run)' : ''
  for (const { kind, name, action } of result.results)
    session.print(`${shortReference(kind, name)} ${action}${suffix}\n`)
  session.say(describeRevision(result))
}

function describeRevision(result: ApplyResult): string {
  if (result.dryRun) return result.changed ? 'nothing was stored' : 'nothing would change'
  return result.changed ? `revision ${result.revision}` : `nothing changed; still revision ${result.revision}`
}

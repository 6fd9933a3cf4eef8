import type { NewToken } from '@fairlead/api-client'
import { ExitCode } from '../exit-code.js'
import { formatAge } from '../output/age.js'
import { formatValue, type OutputFormat } from '../output/output-format.js'
import { formatLabels } from '../output/resource-table.js'
import { formatTable } from '../output/table.js'
import type { Session } from '../session.js'

/** Prints the secret alone on stdout: `fairlead token create web --type join > token`. */
export async function createToken(session: Session, token: NewToken, output: OutputFormat): Promise<number> {
  const created = await session.client.createToken(token)
  session.print((await formatValue(created, output)) ?? `${created.token}\n`)
  session.say(`token ${created.metadata.name} created; it is not shown again`)
  return ExitCode.ok
}

export async function listTokens(session: Session, output: OutputFormat, headers: boolean): Promise<number> {
  const tokens = await session.client.tokens()
  const text =
    output.type === 'name'
      ? tokens.map(({ metadata }) => `token/${metadata.name}\n`).join('')
      : await formatValue({ apiVersion: 'fairlead.io/v1', kind: 'TokenList', items: tokens }, output)
  const header = ['NAME', 'TYPE', 'NAMESPACE', 'LABELS', 'AGE', 'EXPIRES', 'LAST-USED']
  const nowMs = session.terminal.now()
  const rows = tokens.map(({ metadata, type, namespace, labels, expiresAt, lastUsedAt }) => [
    metadata.name,
    type,
    namespace ?? '-',
    formatLabels(labels),
    formatAge(metadata.creationTimestamp, nowMs),
    expiresAt ?? 'never',
    lastUsedAt ? `${formatAge(lastUsedAt, nowMs)} ago` : 'never',
  ])
  session.print(text ?? formatTable(headers ? header : null, rows))
  return ExitCode.ok
}

export async function revokeToken(session: Session, name: string): Promise<number> {
  await session.client.revokeToken(name)
  session.print(`token/${name} revoked\n`)
  return ExitCode.ok
}

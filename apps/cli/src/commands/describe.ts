import type { Revision } from '@fairlead/api-client'
import type { KindDefinition } from '@fairlead/core/resources'
import { stringify } from 'yaml'
import { ExitCode } from '../exit-code.js'
import { kindAndName, kindByWord } from '../mesh-kind.js'
import { formatAge } from '../output/age.js'
import { formatLabels } from '../output/resource-table.js'
import { formatTable } from '../output/table.js'
import type { Session } from '../session.js'
import { CommandFailure } from '../command-failure.js'

const HISTORY_MAX = 5

/** One resource, with who changed it last. */
export async function describe(session: Session, words: readonly string[], namespace: string): Promise<number> {
  const { kind, name } = readReference(words)
  const { group, storageVersion: version, plural } = kind
  const object = await session.client.get({ group, version, plural, namespace, name })
  const { metadata } = object
  const facts = [
    ['Name:', metadata.name],
    ['Namespace:', metadata.namespace ?? namespace],
    ['Kind:', `${object.kind} (${object.apiVersion})`],
    ['Labels:', formatLabels(metadata.labels)],
    ['Annotations:', formatLabels(metadata.annotations)],
    [
      'Created:',
      `${metadata.creationTimestamp ?? '-'} (${formatAge(metadata.creationTimestamp, session.terminal.now())} ago)`,
    ],
    ['Revision:', metadata.resourceVersion ?? '-'],
    ['Generation:', String(metadata.generation ?? '-')],
  ]
  const spec = stringify(object.spec ?? {}).replace(/^(?=.)/gm, '  ')
  session.print(
    `${formatTable(null, facts)}Spec:\n${spec}History:\n${await history(session, `${plural}/${namespace}/${name}`)}`,
  )
  return ExitCode.ok
}

function readReference(words: readonly string[]): { readonly kind: KindDefinition; readonly name: string } {
  const [first = '', second] = words
  if (second === undefined) return kindAndName(first)
  if (first.includes('/')) throw new CommandFailure(ExitCode.usage, 'give either KIND NAME or KIND/NAME')
  return { kind: kindByWord(first), name: second }
}

async function history(session: Session, resource: string): Promise<string> {
  const rows: string[][] = []
  for await (const revision of session.client.revisions({ resource, limit: HISTORY_MAX })) {
    rows.push(historyRow(revision, session.terminal.now()))
    if (rows.length === HISTORY_MAX) break
  }
  return formatTable(['  REVISION', 'AGE', 'AUTHOR', 'SOURCE', 'MESSAGE'], rows)
}

function historyRow({ revision, metadata, author, source, message }: Revision, nowMs: number): string[] {
  return [`  ${revision}`, formatAge(metadata.creationTimestamp, nowMs), author, source, message]
}

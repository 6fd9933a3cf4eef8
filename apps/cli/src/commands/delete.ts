import { ApiError, type ResourceRef } from '@fairlead/api-client'
import { findKind, parseDocuments, type KindDefinition } from '@fairlead/core/resources'
import { CommandFailure } from '../command-failure.js'
import { placeOf, type Documents } from '../documents/source-map.js'
import { ExitCode } from '../exit-code.js'
import { kindAndName, kindByWord, shortReference } from '../mesh-kind.js'
import type { Session } from '../session.js'

export interface DeleteOptions {
  readonly namespace?: string
  readonly message?: string
  readonly dryRun?: 'server' | 'client'
  readonly ignoreNotFound?: boolean
}

interface Victim extends ResourceRef {
  readonly kind: string
}

/** `delete KIND NAME...`, `delete KIND/NAME...`. Each is a revision of its own. */
export function deleteByName(session: Session, words: readonly string[], options: DeleteOptions): Promise<number> {
  const namespace = options.namespace ?? session.namespace
  const [first = '', ...names] = words
  const victims = first.includes('/')
    ? words.map(kindAndName).map(({ kind, name }) => victim(kind, namespace, name))
    : names.map((name) => victim(kindByWord(first), namespace, name))
  if (victims.length === 0)
    throw new CommandFailure(ExitCode.usage, 'name what to delete: KIND NAME, KIND/NAME or -f FILE')
  return deleteAll(session, victims, options)
}

/** `delete -f`: the resources that the documents name, in the opposite order; their specs do not matter. */
export function deleteByFile(session: Session, documents: Documents, options: DeleteOptions): Promise<number> {
  const namespace = options.namespace ?? session.namespace
  const format = documents.contentType === 'application/json' ? 'json' : 'yaml'
  const victims = parseDocuments(documents.body, { format })
    .filter(({ value }) => value !== null)
    .map(({ value, findings: [finding] }) => {
      if (finding === undefined) return victimOf(value, namespace)
      throw new CommandFailure(ExitCode.invalidInput, `${placeOf(finding, documents)}: ${finding.message}`)
    })
  return deleteAll(session, victims.reverse(), options)
}

async function deleteAll(session: Session, victims: readonly Victim[], options: DeleteOptions): Promise<number> {
  let exitCode: number = ExitCode.ok
  const suffix = options.dryRun === undefined ? '' : ` (${options.dryRun} dry run)`
  for (const { kind, ...ref } of victims) {
    try {
      if (options.dryRun !== 'client') {
        const message = options.message === undefined ? {} : { message: options.message }
        await session.client.delete(ref, { dryRun: options.dryRun === 'server', ...message })
      }
      session.print(`${shortReference(kind, ref.name)} deleted${suffix}\n`)
    } catch (error) {
      if (!(error instanceof ApiError) || error.status !== 404) throw error
      if (options.ignoreNotFound) continue
      session.say(`${shortReference(kind, ref.name)} not found in namespace ${ref.namespace}`)
      exitCode = ExitCode.notFound
    }
  }
  return exitCode
}

function victimOf(object: unknown, namespace: string): Victim {
  const { apiVersion, kind, metadata } = (object ?? {}) as {
    apiVersion?: string
    kind?: string
    metadata?: { name?: string; namespace?: string }
  }
  const group = apiVersion?.split('/')[0] ?? ''
  const found = findKind(group, kind ?? '')
  if (!found) throw new CommandFailure(ExitCode.invalidInput, `no kind ${kind} in ${apiVersion}`)
  if (!metadata?.name) throw new CommandFailure(ExitCode.invalidInput, `a ${kind} without metadata.name`)
  return victim(found, metadata.namespace ?? namespace, metadata.name)
}

function victim({ group, storageVersion, plural, kind }: KindDefinition, namespace: string, name: string): Victim {
  return { group, version: storageVersion, plural, namespace, name, kind }
}

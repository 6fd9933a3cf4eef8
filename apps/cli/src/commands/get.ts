import type { CollectionRef, ResourceObject } from '@fairlead/api-client'
import type { KindDefinition } from '@fairlead/core/resources'
import { CommandFailure } from '../command-failure.js'
import { ExitCode } from '../exit-code.js'
import { kindAndName, kindsByWords, shortReference } from '../mesh-kind.js'
import { formatValue, type OutputFormat } from '../output/output-format.js'
import { resourceTable } from '../output/resource-table.js'
import { formatTable } from '../output/table.js'
import type { Session } from '../session.js'

export interface GetOptions {
  readonly namespace?: string
  readonly allNamespaces?: boolean
  readonly output: OutputFormat
  readonly selector?: string
  readonly watch?: boolean
  /** commander's name for --no-headers. */
  readonly headers: boolean
}

/** `get KIND [NAME...]`, `get KIND/NAME`, `get vs,dr`, `get all`. */
export async function get(session: Session, words: readonly string[], options: GetOptions): Promise<number> {
  const [first = '', ...rest] = words
  const reference = first.includes('/') ? kindAndName(first) : null
  if (reference && rest.length > 0) throw new CommandFailure(ExitCode.usage, 'give either KIND NAME or KIND/NAME')
  const kinds = reference ? [reference.kind] : kindsByWords(first)
  const names = reference ? [reference.name] : rest
  if (names.length > 0) refuseListFlags(kinds, options)
  if (options.watch) return watch(session, kinds, names, options)

  const groups = await Promise.all(
    kinds.map(async (kind) => ({ kind, items: await fetch(session, kind, names, options) })),
  )
  const objects = groups.flatMap(({ items }) => items)
  const text = await formatObjects(objects, names.length === 1, options.output)
  if (text !== null) {
    session.print(text)
    return ExitCode.ok
  }
  const shown = groups.filter(({ items }) => items.length > 0)
  if (shown.length === 0) session.say(noneFound(session, options))
  const tables = shown.map(({ kind, items }) => {
    const table = tableOf(session, kind, options)
    return formatTable(options.headers ? table.header : null, items.map(table.row))
  })
  session.print(tables.join('\n'))
  return ExitCode.ok
}

async function fetch(
  session: Session,
  kind: KindDefinition,
  names: readonly string[],
  options: GetOptions,
): Promise<readonly ResourceObject[]> {
  const collection = collectionOf(session, kind, options)
  if (names.length === 0) {
    return (await session.client.listAll(collection, options.selector ? { labelSelector: options.selector } : {})).items
  }
  const namespace = options.namespace ?? session.namespace
  return Promise.all(names.map((name) => session.client.get({ ...collection, namespace, name })))
}

async function formatObjects(
  objects: readonly ResourceObject[],
  single: boolean,
  format: OutputFormat,
): Promise<string | null> {
  if (format.type === 'name') {
    return objects.map((object) => shortReference(object.kind, object.metadata.name) + '\n').join('')
  }
  if (format.type === 'yaml') {
    return (await import('../output/resource-yaml.js')).resourcesToYaml(objects)
  }
  return formatValue(single ? objects[0] : { apiVersion: 'v1', kind: 'List', items: objects }, format)
}

/** What is there, then each change as it comes, until Ctrl-C. */
async function watch(
  session: Session,
  kinds: readonly KindDefinition[],
  names: readonly string[],
  options: GetOptions,
): Promise<number> {
  const [kind] = kinds
  if (kind === undefined || kinds.length > 1 || names.length > 1) {
    throw new CommandFailure(ExitCode.usage, '--watch takes one kind and at most one name')
  }
  const events = session.client.watch(collectionOf(session, kind, options), {
    ...(options.selector ? { labelSelector: options.selector } : {}),
    ...(names[0] ? { fieldSelector: `metadata.name=${names[0]}` } : {}),
  })
  const table = tableOf(session, kind, options)
  if (options.headers && (options.output.type === 'table' || options.output.type === 'wide')) {
    session.print(formatTable(null, [['EVENT     ', ...table.header]]))
  }
  for await (const event of events) {
    const object = event.object as ResourceObject
    const text = await formatObjects([object], true, options.output)
    if (text === null) session.print(formatTable(null, [[event.type.padEnd(10), ...table.row(object)]]))
    else session.print((options.output.type === 'yaml' ? '---\n' : '') + text)
  }
  return ExitCode.ok
}

function collectionOf(session: Session, kind: KindDefinition, options: GetOptions): CollectionRef {
  const { group, storageVersion: version, plural } = kind
  if (options.allNamespaces) return { group, version, plural }
  return { group, version, plural, namespace: options.namespace ?? session.namespace }
}

function tableOf(session: Session, kind: KindDefinition, options: GetOptions) {
  return resourceTable(kind, {
    wide: options.output.type === 'wide',
    allNamespaces: options.allNamespaces ?? false,
    nowMs: session.terminal.now(),
  })
}

function refuseListFlags(kinds: readonly KindDefinition[], options: GetOptions): void {
  if (kinds.length > 1) throw new CommandFailure(ExitCode.usage, 'names go with one kind')
  if (options.allNamespaces) throw new CommandFailure(ExitCode.usage, 'a name is of one namespace: use -n, not -A')
  if (options.selector) throw new CommandFailure(ExitCode.usage, 'give either names or a selector')
}

function noneFound(session: Session, options: GetOptions): string {
  const where = options.allNamespaces ? '' : ` in namespace ${options.namespace ?? session.namespace}`
  return `no resources found${where}`
}

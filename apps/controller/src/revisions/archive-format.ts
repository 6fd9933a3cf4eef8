import { z } from 'zod'
import { ArchivedToken } from '../access/token-archive.js'
import { parse } from '../problem/parse.js'
import { Problem } from '../problem/problem.js'
import { checkStorable } from './storable.js'

const date = z.iso.datetime().transform((text) => new Date(text))
const text = z.string()

export const archiveFormat = 1

const Header = z.strictObject({
  fairlead: z.literal('archive'),
  format: z.literal(archiveFormat),
  head: z.int().min(0),
})

const ArchivedRevision = z.strictObject({
  number: z.int().min(1),
  parent: z.int().min(0).nullable(),
  author: text,
  message: text,
  source: z.enum(['apply', 'rest', 'rollback', 'import']),
  createdAt: date,
  created: z.int(),
  updated: z.int(),
  deleted: z.int(),
})

const ArchivedVersion = z.strictObject({
  group: text,
  kind: text,
  namespace: text,
  name: text,
  createdRevision: z.int().min(1),
  deletedRevision: z.int().min(1).nullable(),
  apiVersion: text,
  uid: z.uuid(),
  creationTimestamp: date,
  generation: z.int(),
  labels: z.record(text, text),
  annotations: z.record(text, text),
  spec: z.record(text, z.unknown()),
})

const Line = z.union([
  z.strictObject({ token: ArchivedToken }),
  z.strictObject({ version: ArchivedVersion }),
  z.strictObject({ revision: ArchivedRevision }),
])

/** An archive as read back. */
export interface ArchiveContents {
  readonly head: number
  readonly tokens: z.output<typeof ArchivedToken>[]
  readonly versions: z.output<typeof ArchivedVersion>[]
  readonly revisions: z.output<typeof ArchivedRevision>[]
}

/** @throws Problem bad-request (no archive, or cut off), invalid (a line of another shape, named by its number) */
export async function readArchive(lines: AsyncIterable<unknown>): Promise<ArchiveContents> {
  const contents: ArchiveContents = { head: 0, tokens: [], versions: [], revisions: [] }
  let head: number | null = null
  let count = 0
  for await (const value of lines) {
    count++
    if (head === null) {
      head = parse(Header, value, 'bad-request', 'This is no archive of Fairlead.').head
      continue
    }
    checkStorable(value, `line ${count}`)
    const line = parse(Line, value, 'invalid', `Line ${count} of the archive has an unknown shape.`)
    if ('token' in line) contents.tokens.push(line.token)
    else if ('version' in line) contents.versions.push(line.version)
    else contents.revisions.push(line.revision)
  }
  // The head's own line is the last: without it the end is missing.
  if (head === null || (contents.revisions.at(-1)?.number ?? 0) !== head) {
    throw new Problem('bad-request', 'The archive is empty or cut off.')
  }
  return { ...contents, head }
}

import { Injectable } from '@nestjs/common'
import { DiffQuery, type ResourceList, type Revision as RevisionObject, RevisionQuery } from '@fairlead/api-client'
import type { DiffResult, RevisionList } from '@fairlead/api-client'
import { diffResources, formatDiff, type ResourceChange } from '@fairlead/core/diff'
import { kinds, type Resource } from '@fairlead/core/resources'
import type { Response } from 'express'
import type { RequestBody } from '../access/request-body.js'
import { Problem } from '../problem/problem.js'
import type { Revision } from '../revisions/revision.js'
import { RevisionStore } from '../revisions/revision-store.js'
import { Apply } from './apply.js'
import type { Arrival } from './arrival.js'
import { parseQuery } from './query.js'

const pageMax = 500
const pageDefault = 100

/** What was, and how it differs from what is. */
@Injectable()
export class History {
  constructor(
    private readonly store: RevisionStore,
    private readonly documents: Apply,
  ) {}

  async list(query: unknown): Promise<RevisionList> {
    const wanted = parseQuery(RevisionQuery, query)
    const limit = Math.min(wanted.limit ?? pageDefault, pageMax)
    const before = wanted.continue === undefined ? undefined : revisionNumber(wanted.continue)
    const changed = wanted.resource === undefined ? undefined : resourceOf(wanted.resource)
    // One more than asked for tells whether there is a next page.
    const found = await this.store.list({
      limit: limit + 1,
      ...(before === undefined ? {} : { before }),
      ...(changed === undefined ? {} : { changed }),
    })
    const page = found.slice(0, limit)
    return {
      apiVersion: 'fairlead.io/v1',
      kind: 'RevisionList',
      metadata: found.length > limit ? { continue: String(page.at(-1)!.number) } : {},
      items: page.map(toObject),
    }
  }

  async get(revision: string): Promise<RevisionObject> {
    return toObject(await this.store.revision(numberOrHead(revision)))
  }

  async resources(revision: string): Promise<ResourceList> {
    const { number } = await this.store.revision(numberOrHead(revision))
    const items = [...(await this.store.resources(number)).values()]
    const metadata = { resourceVersion: String(number) }
    return { apiVersion: 'v1', kind: 'List', metadata, items } as unknown as ResourceList
  }

  /** From the parent unless the query says otherwise. */
  async diff(revision: string, { query, request, response }: Arrival<object>): Promise<void> {
    const { from } = parseQuery(DiffQuery, query)
    const to = await this.store.revision(numberOrHead(revision))
    const base = from === undefined ? (to.parent ?? 0) : (await this.store.revision(from)).number
    const [before, after] = [await this.store.resources(base), await this.store.resources(to.number)]
    const wantsText = request.accepts(['application/json', 'text/plain']) === 'text/plain'
    sendDiff(response, { from: base, to: to.number, before: before.values(), after: after.values() }, wantsText)
  }

  async diffDocuments(arrival: Arrival<object>, body: RequestBody): Promise<void> {
    const { revision, steps } = await this.documents.preview(arrival, body)
    const [before, after] = [steps.flatMap((step) => step.before ?? []), steps.flatMap((step) => step.after ?? [])]
    const wantsText = arrival.request.accepts(['application/json', 'text/plain']) === 'text/plain'
    sendDiff(arrival.response, { from: revision, to: null, before, after }, wantsText)
  }
}

interface Comparison {
  readonly from: number
  readonly to: number | null
  readonly before: Iterable<Resource>
  readonly after: Iterable<Resource>
}

function sendDiff(response: Response, { from, to, before, after }: Comparison, asText: boolean): void {
  const changes = diffResources(before, after)
  if (asText) response.type('text/plain').send(formatDiff(changes))
  else response.json({ from, to, changes: changes.map(toChange) } satisfies DiffResult)
}

/** A field that is absent on one side is left out there; core writes it as null. */
function toChange({ action, kind, namespace, name, fields }: ResourceChange): DiffResult['changes'][number] {
  const side = (which: 'from' | 'to', value: unknown) => (value === null ? {} : { [which]: value })
  return {
    action,
    kind,
    namespace,
    name,
    fields: fields.map(({ path, from, to }) => ({ path, ...side('from', from), ...side('to', to) })),
  }
}

/** @throws Problem bad-request */
export function revisionNumber(text: string): number {
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Problem('bad-request', `"${text}" is not the number of a revision.`)
}

function numberOrHead(text: string): number | 'head' {
  return text === 'head' ? text : revisionNumber(text)
}

/** `virtualservices/default/reviews` */
function resourceOf(text: string) {
  const [plural, namespace, name, ...rest] = text.split('/')
  const kind = kinds.find((candidate) => candidate.plural === plural)
  if (kind === undefined || !namespace || !name || rest.length > 0) {
    throw new Problem('bad-request', `"${text}" does not name a resource.`, {
      errors: [{ path: 'resource', message: 'expected <plural>/<namespace>/<name>', code: 'resource' }],
    })
  }
  return { group: kind.group, kind: kind.kind, namespace, name }
}

function toObject(revision: Revision): RevisionObject {
  const { number, parent, author, message, source, created, updated, deleted } = revision
  return {
    apiVersion: 'fairlead.io/v1',
    kind: 'Revision',
    metadata: { name: String(number), creationTimestamp: revision.createdAt.toISOString() },
    revision: number,
    parent,
    author,
    message,
    source,
    changes: { created, updated, deleted },
  }
}

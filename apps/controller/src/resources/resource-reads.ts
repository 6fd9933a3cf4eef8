import { Injectable } from '@nestjs/common'
import type { Response } from 'express'
import { ListQuery } from '@fairlead/api-client'
import { type KindDefinition, keyOf, type Resource, resourceKey, toVersion } from '@fairlead/core/resources'
import { z } from 'zod'
import { Problem } from '../problem/problem.js'
import { LiveMeshHead } from '../revisions/live-mesh-head.js'
import { RevisionStore } from '../revisions/revision-store.js'
import { decodePlace, encodePlace } from './continue-token.js'
import type { Arrival } from './arrival.js'
import { type CollectionPath, type ItemPath, kindAt } from './kind-at.js'
import { notModified } from './preconditions.js'
import { parseQuery } from './query.js'
import { type Selection, select } from './selection.js'
import { Watches } from './watches.js'

export interface ResourceListObject {
  readonly apiVersion: string
  readonly kind: string
  readonly metadata: { readonly resourceVersion: string; readonly continue?: string }
  readonly items: readonly Resource[]
}

/** Answers from the head in memory; old states come from the database. */
@Injectable()
export class ResourceReads {
  constructor(
    private readonly head: LiveMeshHead,
    private readonly store: RevisionStore,
    private readonly watches: Watches,
  ) {}

  /** Undefined when the client has this version already (the response says 304 then). @throws Problem not-found */
  get({ path, query, request, response }: Arrival<ItemPath>): Resource | undefined {
    const kind = kindAt(path)
    parseQuery(z.object({}), query)
    const resource = this.head.current.resources.get(resourceKey(kind.group, kind.kind, path.namespace, path.name))
    if (resource === undefined) throw notFound(kind, path)
    const version = resource.metadata.resourceVersion!
    response.setHeader('ETag', `"${version}"`)
    if (notModified(request, version)) {
      response.status(304)
      return undefined
    }
    return toVersion(resource, path.version)
  }

  /** A list, or with `watch=true` a stream that this method serves to its end. */
  async list({ path, query, response }: Arrival<CollectionPath>): Promise<void> {
    const kind = kindAt(path)
    const wanted = parseQuery(ListQuery, query)
    const selection = select(kind, path.namespace ?? null, wanted)
    if (wanted.watch) return this.#watch(kind, path, wanted, selection, response)
    response.json(await this.#page(kind, path, wanted, selection))
  }

  async #page(
    kind: KindDefinition,
    path: CollectionPath,
    query: z.output<typeof ListQuery>,
    selection: Selection,
  ): Promise<ResourceListObject> {
    const place = query.continue === undefined ? null : decodePlace(query.continue)
    // As in Kubernetes a list of version "0" is of anything that is at hand.
    const wanted = parseVersion(query.resourceVersion) || null
    const revision = place?.revision ?? wanted ?? this.head.current.revision
    const sorted = (await this.#stateAt(revision, selection))
      .filter((resource) => selection.matches(resource))
      .map((resource) => ({ key: keyOf(resource), resource }))
      .filter(({ key }) => place === null || key > place.after)
      .sort((a, b) => (a.key < b.key ? -1 : 1))
    const page = sorted.slice(0, query.limit ?? sorted.length)
    const more = page.length < sorted.length && page.length > 0
    return {
      apiVersion: `${kind.group}/${path.version}`,
      kind: `${kind.kind}List`,
      metadata: {
        resourceVersion: String(revision),
        ...(more ? { continue: encodePlace({ revision, after: page.at(-1)!.key }) } : {}),
      },
      items: page.map(({ resource }) => toVersion(resource, path.version)),
    }
  }

  async #stateAt(revision: number, { group, kind, namespace }: Selection): Promise<Resource[]> {
    const { current } = this.head
    if (revision === current.revision) return [...current.resources.values()]
    const filter = { group, kind, ...(namespace === null ? {} : { namespace }) }
    return [...(await this.store.resources(revision, filter)).values()]
  }

  #watch(
    kind: KindDefinition,
    { version }: CollectionPath,
    query: z.output<typeof ListQuery>,
    selection: Selection,
    response: Response,
  ): Promise<void> {
    if (query.limit !== undefined || query.continue !== undefined) {
      throw new Problem('bad-request', 'A watch takes neither limit nor continue.')
    }
    return this.watches.serve(
      {
        selection,
        from: parseVersion(query.resourceVersion),
        bookmarks: query.allowWatchBookmarks ?? false,
        timeoutMs: query.timeoutSeconds === undefined ? null : query.timeoutSeconds * 1000,
        spell: (resource) => toVersion(resource, version),
        bookmark: (revision) => ({
          apiVersion: `${kind.group}/${version}`,
          kind: kind.kind,
          metadata: { resourceVersion: String(revision) },
        }),
      },
      response,
    )
  }
}

export function notFound(kind: KindDefinition, { namespace, name }: { namespace: string; name: string }): Problem {
  return new Problem('not-found', `${kind.kind} ${namespace}/${name} does not exist.`)
}

/** Null: none given. @throws Problem bad-request */
function parseVersion(text: string | undefined): number | null {
  if (text === undefined || text === '') return null
  if (/^\d{1,9}$/.test(text)) return Number(text)
  throw new Problem('bad-request', `resourceVersion "${text}" is not the number of a revision.`)
}

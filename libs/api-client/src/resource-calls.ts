import type { Connection, Operation } from './connection.js'
import { RESOURCE_COLLECTION, RESOURCE_EVERYWHERE, RESOURCE_ITEM } from './resource-routes.js'
import type { ResourceList, ResourceObject, WatchEvent } from './schemas/resource.js'
import { watchCollection, type WatchOptions } from './watch.js'

export interface CollectionRef {
  readonly group: string
  readonly version: string
  readonly plural: string
  /** Without it: all namespaces. */
  readonly namespace?: string
}

export interface ResourceRef extends CollectionRef {
  readonly namespace: string
  readonly name: string
}

export interface ListOptions {
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** Items a page; the iterator fetches as many pages as are read. */
  readonly limit?: number
  readonly signal?: AbortSignal
}

export interface WriteOptions {
  readonly dryRun?: boolean
  readonly message?: string
  readonly allowPending?: boolean
  /** A resourceVersion: the write fails with 412 when the object has another. */
  readonly ifMatch?: string
}

/** All the items of a list, and the revision that they are a picture of. */
export interface FullList {
  readonly resourceVersion: string
  readonly items: readonly ResourceObject[]
}

const PAGE_SIZE = 500

export function resourceCalls(connection: Connection) {
  const write = async (method: Operation['method'], ref: ResourceRef, options: WriteOptions = {}, body?: unknown) =>
    (await connection.json(
      { method, path: RESOURCE_ITEM },
      {
        params: { ...ref },
        query: writeQuery(options),
        ...(options.ifMatch === undefined ? {} : { headers: { 'if-match': `"${options.ifMatch}"` } }),
        ...(body === undefined ? {} : { body }),
        ...(method === 'PATCH' ? { contentType: 'application/merge-patch+json' } : {}),
      },
    )) as ResourceObject

  const listPage = async (collection: CollectionRef, options: ListOptions, next?: string) =>
    (await connection.json(collectionOperation('GET', collection), {
      params: { ...collection },
      query: {
        labelSelector: options.labelSelector,
        fieldSelector: options.fieldSelector,
        limit: options.limit ?? PAGE_SIZE,
        continue: next,
      },
      ...(options.signal ? { signal: options.signal } : {}),
    })) as ResourceList

  /** Page after page, all at the revision of the first. */
  async function* listPages(collection: CollectionRef, options: ListOptions = {}): AsyncGenerator<ResourceList> {
    let next: string | undefined
    do {
      const page = await listPage(collection, options, next)
      yield page
      next = page.metadata?.continue || undefined
    } while (next !== undefined)
  }

  const listAll = async (collection: CollectionRef, options: ListOptions = {}): Promise<FullList> => {
    const items: ResourceObject[] = []
    let resourceVersion = ''
    for await (const page of listPages(collection, options)) {
      resourceVersion = page.metadata?.resourceVersion ?? resourceVersion
      items.push(...page.items)
    }
    return { resourceVersion, items }
  }

  return {
    get: async (ref: ResourceRef) =>
      (await connection.json({ method: 'GET', path: RESOURCE_ITEM }, { params: { ...ref } })) as ResourceObject,
    async *list(collection: CollectionRef, options: ListOptions = {}): AsyncGenerator<ResourceObject> {
      for await (const page of listPages(collection, options)) yield* page.items
    },
    listAll,
    create: async (collection: CollectionRef, object: ResourceObject, options: WriteOptions = {}) =>
      (await connection.json(collectionOperation('POST', collection), {
        params: { ...collection },
        query: writeQuery(options),
        body: object,
      })) as ResourceObject,
    replace: (ref: ResourceRef, object: ResourceObject, options?: WriteOptions) => write('PUT', ref, options, object),
    patch: (ref: ResourceRef, patch: object, options?: WriteOptions) => write('PATCH', ref, options, patch),
    delete: (ref: ResourceRef, options?: WriteOptions) => write('DELETE', ref, options),
    /** What is there as ADDED, then every change, once and in order, across broken connections. See `watchCollection`. */
    watch: (collection: CollectionRef, options: WatchOptions = {}): AsyncGenerator<WatchEvent> =>
      watchCollection({
        options,
        list: () => listAll(collection, options),
        open: (query) =>
          connection.stream(collectionOperation('GET', collection), {
            params: { ...collection },
            query: { ...query, labelSelector: options.labelSelector, fieldSelector: options.fieldSelector },
            ...(options.signal ? { signal: options.signal } : {}),
          }),
      }),
  }
}

function collectionOperation(method: Operation['method'], collection: CollectionRef): Operation {
  return { method, path: collection.namespace === undefined ? RESOURCE_EVERYWHERE : RESOURCE_COLLECTION }
}

function writeQuery(options: WriteOptions) {
  return {
    dryRun: options.dryRun ? 'All' : undefined,
    message: options.message,
    allowPending: options.allowPending,
  }
}

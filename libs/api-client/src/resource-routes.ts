import { z } from 'zod'
import { ListQuery, WriteQuery } from './query.js'
import type { Route } from './route.js'
import { ListMeta, NamespaceName, ObjectMeta, ObjectName } from './schemas/resource.js'

/** What the routes of a kind need to know of it. Core's kinds have this shape. */
export interface RouteKind {
  readonly group: string
  readonly kind: string
  readonly plural: string
  /** All that are accepted, the storage version first. */
  readonly versions: readonly string[]
  /** The whole resource; without it any object of the kind. */
  readonly resourceSchema?: z.ZodType
}

/** What the client calls, for any kind. */
export const RESOURCE_COLLECTION = '/apis/{group}/{version}/namespaces/{namespace}/{plural}'
export const RESOURCE_ITEM = `${RESOURCE_COLLECTION}/{name}`
export const RESOURCE_EVERYWHERE = '/apis/{group}/{version}/{plural}'

const READ = [400, 401, 403, 404] as const
const WRITE = [400, 401, 403, 404, 409, 412, 413, 415, 422, 503] as const
const JSON_ONLY = ['application/json'] as const
const OBJECT_TYPES = ['application/json', 'application/yaml'] as const

/** @returns every operation on the resources of one kind, with operationIds as Kubernetes' clients have them. */
export function resourceRoutes(kind: RouteKind): readonly Route[] {
  const object = kind.resourceSchema ?? anyObjectOf(kind)
  return [...readRoutes(kind, object), ...writeRoutes(kind, object)]
}

function readRoutes(kind: RouteKind, object: z.ZodType): readonly Route[] {
  const { everywhere, collection, item } = places(kind)
  const shared = { tags: [kind.kind], method: 'GET', contentTypes: JSON_ONLY } as const
  const listed = {
    ...shared,
    query: ListQuery,
    response: listSchema(kind, object),
    success: [200],
    errors: [...READ, 410],
  } as const
  return [
    {
      ...listed,
      ...everywhere,
      operationId: `list${kind.kind}ForAllNamespaces`,
      summary: `List or watch the ${kind.kind} objects of all namespaces`,
    },
    {
      ...listed,
      ...collection,
      operationId: `listNamespaced${kind.kind}`,
      summary: `List or watch the ${kind.kind} objects of a namespace`,
    },
    {
      ...shared,
      ...item,
      operationId: `readNamespaced${kind.kind}`,
      summary: `Read a ${kind.kind}; its ETag is its resourceVersion, If-None-Match gives 304`,
      success: [200, 304],
      response: object,
      errors: READ,
    },
  ]
}

function writeRoutes(kind: RouteKind, object: z.ZodType): readonly Route[] {
  const { collection, item } = places(kind)
  const body = { contentTypes: OBJECT_TYPES, schema: object }
  const written = {
    tags: [kind.kind],
    query: WriteQuery,
    response: object,
    success: [200],
    contentTypes: JSON_ONLY,
    errors: WRITE,
  } as const
  return [
    {
      ...written,
      ...collection,
      operationId: `createNamespaced${kind.kind}`,
      method: 'POST',
      summary: `Create a ${kind.kind}; 409 when it exists`,
      body,
      success: [201],
    },
    {
      ...written,
      ...item,
      operationId: `replaceNamespaced${kind.kind}`,
      method: 'PUT',
      summary: `Replace or create a ${kind.kind}; a stale resourceVersion is 409, a failed If-Match 412`,
      body,
      success: [200, 201],
    },
    {
      ...written,
      ...item,
      operationId: `patchNamespaced${kind.kind}`,
      method: 'PATCH',
      summary: `Change fields of a ${kind.kind} (RFC 7386)`,
      body: { contentTypes: ['application/merge-patch+json'], schema: z.looseObject({}) },
    },
    {
      ...written,
      ...item,
      operationId: `deleteNamespaced${kind.kind}`,
      method: 'DELETE',
      summary: `Delete a ${kind.kind}`,
    },
  ]
}

/** A kind has one path for all its spellings: the version is a parameter. */
function places(kind: RouteKind) {
  const version = z.enum(kind.versions as [string, ...string[]]).meta({ description: 'The spelling of the answer' })
  const base = `/apis/${kind.group}/{version}`
  const collection = `${base}/namespaces/{namespace}/${kind.plural}`
  return {
    everywhere: { path: `${base}/${kind.plural}`, params: z.object({ version }) },
    collection: { path: collection, params: z.object({ version, namespace: NamespaceName }) },
    item: { path: `${collection}/{name}`, params: z.object({ version, namespace: NamespaceName, name: ObjectName }) },
  }
}

function anyObjectOf(kind: RouteKind) {
  return z
    .object({
      apiVersion: z.enum(kind.versions.map((version) => `${kind.group}/${version}`) as [string, ...string[]]),
      kind: z.literal(kind.kind),
      metadata: ObjectMeta,
      spec: z.looseObject({}),
    })
    .meta({ id: kind.kind })
}

function listSchema(kind: RouteKind, object: z.ZodType) {
  return z
    .object({
      apiVersion: z.string(),
      kind: z.literal(`${kind.kind}List`),
      metadata: ListMeta,
      items: z.array(object),
    })
    .meta({ id: `${kind.kind}List` })
}

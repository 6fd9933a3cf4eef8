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
  /** Of `spec`; without it any object. */
  readonly spec?: z.ZodType
}

/** The group and version are path parameters: a kind has one route for all its spellings. */
export const RESOURCE_COLLECTION = '/apis/{group}/{version}/namespaces/{namespace}/{plural}'
export const RESOURCE_ITEM = `${RESOURCE_COLLECTION}/{name}`
export const RESOURCE_EVERYWHERE = '/apis/{group}/{version}/{plural}'

const READ = [400, 401, 403, 404] as const
const WRITE = [400, 401, 403, 404, 409, 412, 413, 415, 422, 503] as const
const OBJECT_TYPES = ['application/json', 'application/yaml'] as const

/** @returns every operation on the resources of one kind, with operationIds as Kubernetes' clients have them. */
export function resourceRoutes(kind: RouteKind): readonly Route[] {
  const version = z.enum(kind.versions as [string, ...string[]]).meta({ description: 'The spelling of the answer' })
  const object = objectSchema(kind)
  const list = listSchema(kind, object)
  const base = `/apis/${kind.group}/{version}`
  const collection = {
    path: `${base}/namespaces/{namespace}/${kind.plural}`,
    params: z.object({ version, namespace: NamespaceName }),
  }
  const item = {
    path: `${base}/namespaces/{namespace}/${kind.plural}/{name}`,
    params: z.object({ version, namespace: NamespaceName, name: ObjectName }),
  }
  const shared = { tags: [kind.kind], success: [200], contentTypes: ['application/json'] } as const
  const listed = { ...shared, method: 'GET', query: ListQuery, response: list, errors: [...READ, 410] } as const
  const written = { ...shared, query: WriteQuery, response: object, errors: WRITE } as const
  const body = { contentTypes: OBJECT_TYPES, schema: object }
  return [
    {
      ...listed,
      operationId: `list${kind.kind}ForAllNamespaces`,
      path: `${base}/${kind.plural}`,
      params: z.object({ version }),
      summary: `List or watch the ${kind.kind} objects of all namespaces`,
    },
    {
      ...listed,
      ...collection,
      operationId: `listNamespaced${kind.kind}`,
      summary: `List or watch the ${kind.kind} objects of a namespace`,
    },
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
      ...shared,
      ...item,
      operationId: `readNamespaced${kind.kind}`,
      method: 'GET',
      summary: `Read a ${kind.kind}; its ETag is its resourceVersion, If-None-Match gives 304`,
      success: [200, 304],
      response: object,
      errors: READ,
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

function objectSchema(kind: RouteKind) {
  return z
    .object({
      apiVersion: z.enum(kind.versions.map((version) => `${kind.group}/${version}`) as [string, ...string[]]),
      kind: z.literal(kind.kind),
      metadata: ObjectMeta,
      spec: kind.spec ?? z.looseObject({}),
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

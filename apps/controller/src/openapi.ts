import type { OpenAPIObject } from '@nestjs/swagger'
import { Problem, resourceRoutes, type Route, routes, WatchEvent } from '@fairlead/api-client'
import { kinds } from '@fairlead/core/resources'
import { z } from 'zod'
import { serverVersion } from './version.js'

type Json = Record<string, unknown>

/** Every operation that the controller serves; resources are expanded by kind. */
export const allRoutes: readonly Route[] = [...Object.values<Route>(routes), ...kinds.flatMap(resourceRoutes)]

/** OpenAPI 3.1, from the schemas that the client and the validation use. */
export function openApi(): OpenAPIObject {
  const components = new Components()
  const paths: Record<string, Json> = {}
  for (const route of allRoutes) {
    paths[route.path] = { ...paths[route.path], [route.method.toLowerCase()]: operation(route, components) }
  }
  // Lines of a stream are in no answer's schema; those who read a watch look here.
  components.reference(WatchEvent, 'output')
  return {
    openapi: '3.1.0',
    info: {
      title: 'Fairlead',
      version: serverVersion.version,
      description: 'Mesh resources as versioned revisions, for hosts without Kubernetes.',
      license: { name: 'Apache-2.0', identifier: 'Apache-2.0' } as { name: string },
    },
    servers: [{ url: '/' }],
    security: [{ token: [] }],
    tags: [...new Set(allRoutes.flatMap(({ tags }) => tags))].map((name) => ({ name })),
    paths: paths as OpenAPIObject['paths'],
    components: {
      securitySchemes: { token: { type: 'http', scheme: 'bearer', description: 'An API token: fl_api_...' } },
      schemas: components.schemas as NonNullable<OpenAPIObject['components']>['schemas'],
    } as NonNullable<OpenAPIObject['components']>,
  }
}

function operation(route: Route, components: Components): Json {
  const { operationId, summary, description, tags } = route
  const problem = { 'application/problem+json': { schema: components.reference(Problem, 'output') } }
  return {
    operationId,
    summary,
    ...(description === undefined ? {} : { description }),
    tags,
    ...(route.open ? { security: [] } : {}),
    parameters: [...parameters(route.params, 'path', components), ...parameters(route.query, 'query', components)],
    ...(route.body === undefined
      ? {}
      : { requestBody: { required: true, content: bodyContent(route.body, components) } }),
    responses: {
      ...Object.fromEntries(route.success.map((status) => [status, success(route, status, components)])),
      ...Object.fromEntries(route.errors.map((status) => [status, { description: 'A problem', content: problem }])),
    },
  }
}

function success({ response, contentTypes }: Route, status: number, components: Components): Json {
  if (status === 304) return { description: 'Not modified' }
  const schema = response === null ? { type: 'string' } : components.reference(response, 'output')
  const content = contentTypes.map((type) => [type, { schema: type.includes('json') ? schema : { type: 'string' } }])
  return { description: 'Done', content: Object.fromEntries(content) }
}

function bodyContent({ contentTypes, schema }: NonNullable<Route['body']>, components: Components): Json {
  return Object.fromEntries(contentTypes.map((type) => [type, { schema: components.reference(schema, 'input') }]))
}

function parameters(schema: z.ZodObject | undefined, place: 'path' | 'query', components: Components): Json[] {
  if (schema === undefined) return []
  return Object.entries(schema.shape).map(([name, field]) => {
    const { description, ...rest } = components.inline(field as z.ZodType)
    const required = place === 'path' || !(field as z.ZodType).safeParse(undefined).success
    return { name, in: place, required, ...(description ? { description } : {}), schema: rest }
  })
}

/** Named schemas, each once; one that differs as input and as output has a second name. */
class Components {
  readonly schemas: Record<string, Json> = {}

  /** A `$ref` for a schema with an id, else the schema itself. */
  reference(schema: z.ZodType, io: 'input' | 'output'): Json {
    const root = convert(schema, io)
    const names = new Map<string, string>()
    for (const [name, definition] of Object.entries((root['$defs'] ?? {}) as Record<string, Json>)) {
      names.set(name, this.#place(name, without(definition, 'id'), io))
    }
    const own = renamed(without(root, '$schema', '$defs', 'id'), names)
    if (typeof root['id'] !== 'string') return own
    return { $ref: `#/components/schemas/${this.#place(root['id'], own, io)}` }
  }

  inline(schema: z.ZodType): Json {
    return without(convert(schema, 'input'), '$schema', '$defs', 'id')
  }

  #place(name: string, schema: Json, io: 'input' | 'output'): string {
    const own = renamed(schema, new Map())
    const present = this.schemas[name]
    if (present === undefined || JSON.stringify(present) === JSON.stringify(own)) {
      this.schemas[name] = own
      return name
    }
    const second = `${name}${io === 'input' ? 'Input' : 'Output'}`
    this.schemas[second] = own
    return second
  }
}

function convert(schema: z.ZodType, io: 'input' | 'output'): Json {
  return z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' }) as Json
}

function without(object: Json, ...keys: readonly string[]): Json {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}

/** `#/$defs/X` is `#/components/schemas/X` here, or what X is called for this use. */
function renamed(schema: Json, names: ReadonlyMap<string, string>): Json {
  return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
    if (key !== '$ref' || typeof value !== 'string') return value
    const name = value.replace(/^#\/(\$defs|components\/schemas)\//, '')
    return `#/components/schemas/${names.get(name) ?? name}`
  }) as Json
}

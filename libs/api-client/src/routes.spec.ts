import { describe, expect, it } from '@jest/globals'
import { z } from 'zod'
import { resourceRoutes } from './resource-routes.js'
import { fillPath, type Route } from './route.js'
import { routes } from './routes.js'

const kind = {
  group: 'networking.istio.io',
  kind: 'VirtualService',
  plural: 'virtualservices',
  versions: ['v1', 'v1beta1', 'v1alpha3'],
}
const all: readonly Route[] = [...Object.values(routes), ...resourceRoutes(kind)]

describe('routes', () => {
  it('has no two operations of one name, or of one method and path', () => {
    expect(new Set(all.map(({ operationId }) => operationId)).size).toBe(all.length)
    expect(new Set(all.map(({ method, path }) => `${method} ${path}`)).size).toBe(all.length)
  })

  it.each(all.map((route) => [route.operationId, route] as const))(
    '%s describes each of its path parameters',
    (_, route) => {
      const named = [...route.path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1])
      expect(Object.keys(route.params?.shape ?? {}).sort()).toEqual(named.sort())
    },
  )

  it.each(all.map((route) => [route.operationId, route] as const))('%s can be written as JSON schema', (_, route) => {
    for (const schema of [route.params, route.query, route.body?.schema, route.response]) {
      if (schema) expect(z.toJSONSchema(schema, { target: 'draft-2020-12', io: 'input' })).toBeDefined()
    }
  })

  it('parses queries as they arrive in a URL', () => {
    expect(routes.apply.query.parse({ prune: 'true', allowPending: '0' })).toEqual({ prune: true, allowPending: false })
    expect(routes.listRevisions.query.safeParse({ limit: '0' }).success).toBe(false)
    expect(routes.diffRevisions.query.parse({ from: '3' })).toEqual({ from: 3 })
    expect(routes.getRevision.params.parse({ revision: 'head' })).toEqual({ revision: 'head' })
    expect(routes.getRevision.params.safeParse({ revision: '1.5' }).success).toBe(false)
  })
})

describe('fillPath', () => {
  it('refuses a parameter that is missing or empty: it would name another resource', () => {
    expect(() => fillPath('/a/{b}', {})).toThrow(RangeError)
    expect(() => fillPath('/a/{b}', { b: '' })).toThrow(RangeError)
  })
})

import { describe, expect, it } from '@jest/globals'
import { allowedMethods } from './allowed-methods.js'
import { allRoutes, openApi } from './openapi.js'

describe('openApi', () => {
  const document = openApi()
  const text = JSON.stringify(document)

  it('is OpenAPI 3.1 with an operation for every route', () => {
    expect(document.openapi).toBe('3.1.0')
    const ids = Object.values(document.paths).flatMap((path) =>
      Object.values(path as Record<string, { operationId?: string }>).map(({ operationId }) => operationId),
    )
    expect(new Set(ids).size).toBe(ids.length)
    expect(ids.sort()).toEqual(allRoutes.map(({ operationId }) => operationId).sort())
  })

  it('has a component for each reference', () => {
    const names = [...text.matchAll(/"\$ref":"#\/components\/schemas\/([^"]+)"/g)].map((match) => match[1]!)
    expect(names.length).toBeGreaterThan(50)
    const known = Object.keys(document.components!.schemas!)
    expect([...new Set(names)].filter((name) => !known.includes(name))).toEqual([])
    expect(text).not.toContain('#/$defs/')
  })

  it('describes the fields of a kind', () => {
    expect(known('VirtualService')).toMatchObject({ properties: { spec: expect.anything() } })
    expect(text).toContain('weight')
  })

  it('names every path parameter', () => {
    for (const { path, params } of allRoutes) {
      const inPath = [...path.matchAll(/\{([^}]+)\}/g)].map((match) => match[1])
      expect({ path, params: Object.keys(params?.shape ?? {}).sort() }).toEqual({ path, params: inPath.sort() })
    }
  })

  function known(name: string): unknown {
    return document.components!.schemas![name]
  }
})

describe('allowedMethods', () => {
  it.each([
    ['/apis/fairlead.io/v1/apply', ['POST']],
    ['/apis/networking.istio.io/v1/namespaces/a/gateways/b', ['GET', 'PUT', 'PATCH', 'DELETE']],
    ['/apis/fairlead.io/v1/tokens/x', ['DELETE']],
    ['/apis/fairleadXio/v1/apply', []],
    ['/nowhere', []],
  ])('%s takes %j', (path, methods) => {
    expect(allowedMethods(path)).toEqual(methods)
  })
})

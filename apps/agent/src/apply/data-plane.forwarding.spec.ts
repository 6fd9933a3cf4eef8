import { createConnection } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { type Endpoint, type Part, type Route } from '@fairlead/core/snapshot'
import { type DataPlaneOptions } from './data-plane.js'
import { clusterParts, forward, retry, routeParts, TestMesh } from './testdata/test-mesh.js'

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/

/** The head as the server read it. */
interface Seen {
  readonly target: string
  /** Lower-case names; of a repeated field all values. */
  readonly fields: Readonly<Record<string, readonly string[]>>
}

describe('what a request says when it arrives', () => {
  let mesh: TestMesh
  const seen: Seen[] = []
  const statuses: number[] = []
  afterEach(async () => {
    seen.length = statuses.length = 0
    await mesh.close()
  })

  /** Notes what it is asked; answers with the next of `statuses`, else 200. */
  function serve(): Promise<Endpoint> {
    return mesh.serve((request, response) => {
      const fields: Record<string, string[]> = {}
      const { rawHeaders } = request
      for (let i = 0; i < rawHeaders.length; i += 2)
        (fields[rawHeaders[i]!.toLowerCase()] ??= []).push(rawHeaders[i + 1]!)
      seen.push({ target: `${request.method} ${request.url}`, fields })
      response.writeHead(statuses.shift() ?? 200, { 'x-envoy-upstream-service-time': '99999' }).end('ok')
    })
  }

  async function startSidecar(routes: readonly Route[], options: Partial<DataPlaneOptions> = {}): Promise<void> {
    mesh = await TestMesh.start(options)
    await mesh.apply([...clusterParts('svc', [await serve()]), ...routeParts(routes)])
  }

  /** The port of a gateway listener that forwards to the server. */
  async function startGateway(options: Partial<DataPlaneOptions> = {}): Promise<number> {
    mesh = await TestMesh.start(options)
    const { port } = await mesh.refuse()
    await mesh.apply([...clusterParts('svc', [await serve()]), ...gatewayParts(port)])
    return port
  }

  it('at a gateway: the client is named, and nothing that it says of itself is believed', async () => {
    const port = await startGateway()
    const lines = [
      'Connection: x-forwarded-for, x-request-id, x-mine, host, x-envoy-attempt-count',
      'X-Forwarded-For: 6.6.6.6',
      'x_forwarded_for: 7.7.7.7',
      'X-Request-Id: forged',
      'X-Forwarded-Proto: https',
      'X-Forwarded-Host: bank',
      'X-Envoy-Internal: true',
      'X_Envoy_External_Address: 10.0.0.1',
      'X-Fairlead-Wave: 1',
      'X-Mine: 1',
      'X-Other: 2',
    ]
    expect(await send(port, 'GET / HTTP/1.1', 'Host: svc', ...lines)).toMatch(/^HTTP\/1\.1 200 /)
    const { 'x-request-id': id, ...fields } = seen[0]!.fields
    expect(fields).toEqual({
      host: ['svc'],
      'x-other': ['2'],
      'x-forwarded-for': ['6.6.6.6, 127.0.0.1'],
      'x-envoy-external-address': ['127.0.0.1'],
      'x-forwarded-proto': ['http'],
      'x-envoy-attempt-count': ['1'],
    })
    expect(id).toEqual([expect.stringMatching(UUID)])
  })

  it('at a gateway behind a trusted proxy: what that proxy says of the client is believed', async () => {
    const port = await startGateway({ trustedHops: 1 })
    await send(port, 'GET / HTTP/1.1', 'Host: svc', 'X-Forwarded-For: 6.6.6.6, 203.0.113.7', 'X-Forwarded-Proto: https')
    expect(seen[0]!.fields).toMatchObject({
      'x-forwarded-for': ['6.6.6.6, 203.0.113.7, 127.0.0.1'],
      'x-envoy-external-address': ['203.0.113.7'],
      'x-forwarded-proto': ['https'],
    })
  })

  it('at a sidecar: what the mesh knows already goes on, even if Connection names it', async () => {
    await startSidecar([forward('svc')])
    const lines = ['X-Request-Id: 1', 'X-Forwarded-For: 1.1.1.1', 'X-Forwarded-For: 2.2.2.2', 'X-Envoy-Retry-On: 5xx']
    const connection = 'Connection: X-Forwarded-For, x-request-id, x-forwarded-proto'
    await send(mesh.port, 'GET / HTTP/1.1', 'Host: svc', connection, ...lines)
    expect(seen[0]!.fields).toEqual({
      host: ['svc'],
      'x-request-id': ['1'],
      'x-forwarded-for': ['1.1.1.1', '2.2.2.2'],
      'x-forwarded-proto': ['http'],
      'x-envoy-attempt-count': ['1'],
    })
  })

  it('tells both sides of a retry: the same id, another attempt, our time', async () => {
    await startSidecar([forward('svc', { timeoutMs: 15_000, retry: retry(['5xx'], { perTryTimeoutMs: 2_000 }) })])
    statuses.push(503, 503)
    const answer = await mesh.call({ method: 'POST', body: 'hello' })
    expect(seen.map(({ fields }) => fields['x-envoy-attempt-count'])).toEqual([['1'], ['2'], ['3']])
    expect(seen.map(({ fields }) => fields['x-envoy-expected-rq-timeout-ms'])).toEqual([['2000'], ['2000'], ['2000']])
    expect(new Set(seen.flatMap(({ fields }) => fields['x-request-id'])).size).toBe(1)
    expect(Number(answer.headers['x-envoy-upstream-service-time'])).toBeLessThan(99_999)
  })

  it('gives each request an id of its own', async () => {
    await startSidecar([forward('svc')])
    for (let i = 0; i < 3; i++) await mesh.call()
    expect(new Set(seen.flatMap(({ fields }) => fields['x-request-id'])).size).toBe(3)
  })

  it('lets a route have the last word on its fields, as in Envoy', async () => {
    const requestHeaders = {
      drop: ['x-request-id', 'X-Envoy-Attempt-Count'],
      append: [
        ['x-request-id', 'of-the-route'],
        ['x-forwarded-for', '9.9.9.9'],
      ],
    } as const
    const responseHeaders = { drop: ['x-envoy-upstream-service-time'], append: [] }
    const clusters = [{ cluster: 'svc', weight: 1, requestHeaders, responseHeaders }]
    await startSidecar([forward('svc', { clusters })])
    const answer = await mesh.call({ headers: { 'X-Request-Id': 'mine', 'x-forwarded-for': '1.1.1.1' } })
    expect(seen[0]!.fields).toMatchObject({
      'x-request-id': ['of-the-route'],
      'x-forwarded-for': ['1.1.1.1', '9.9.9.9'],
    })
    expect(seen[0]!.fields).not.toHaveProperty('x-envoy-attempt-count')
    expect(answer.headers).not.toHaveProperty('x-envoy-upstream-service-time')
  })

  it('says what a rewrite replaced', async () => {
    const rewrite = { authority: 'inner', path: { kind: 'prefix', value: '/v2' } } as const
    await startSidecar([{ ...forward('svc', { rewrite }), match: { path: { kind: 'prefix', value: '/api' } } }])
    await mesh.call({ path: '/api/./users?q=1' })
    expect(seen[0]).toMatchObject({
      target: 'GET /v2/users?q=1',
      fields: { host: ['inner'], 'x-forwarded-host': ['svc'], 'x-envoy-original-path': ['/api/users?q=1'] },
    })
  })

  it('routes by protected fields as they are forwarded, not as a stranger wrote them', async () => {
    mesh = await TestMesh.start()
    const { port } = await mesh.refuse()
    const https = { name: 'x-forwarded-proto', value: { kind: 'exact', value: 'https' } } as const
    const secret: Route = { name: '', match: { headers: [https] }, action: { kind: 'direct-response', status: 418 } }
    await mesh.apply([...clusterParts('svc', [await serve()]), ...gatewayParts(port, [secret, forward('svc')])])
    expect((await mesh.call({ port, headers: { 'X-Forwarded-Proto': 'https' } })).status).toBe(200)
    expect(seen[0]!.fields['x-forwarded-proto']).toEqual(['http'])
  })

  it.each([
    [0, 'https', 301, 'http://svc/'],
    [1, 'https', 302, 'https://other/'],
    [1, 'gopher', 301, 'http://svc/'],
  ])('with %i trusted proxies takes %s for the scheme, or does not', async (trustedHops, proto, status, location) => {
    mesh = await TestMesh.start({ trustedHops })
    const { port } = await mesh.refuse()
    const https = { scheme: { kind: 'regex', value: 'https|gopher' } } as const
    await mesh.apply(
      gatewayParts(port, [
        { name: '', match: https, action: { kind: 'redirect', status: 302, authority: 'other' } },
        { name: '', match: {}, action: { kind: 'redirect', status: 301 } },
      ]),
    )
    const answer = await mesh.call({ port, headers: { 'X-Forwarded-Proto': proto } })
    expect([answer.status, answer.headers.location]).toEqual([status, location])
  })

  it.each([
    ['/public/../admin', '/admin'],
    ['/public/%2e%2e/%61dmin?x=/../y', '/admin?x=/../y'],
    ['/admin', '/admin'],
  ])('matches %s as the %s that it forwards', async (path, expected) => {
    const admin: Route = { ...forward('svc'), match: { path: { kind: 'exact', value: '/admin' } } }
    await startSidecar([admin])
    expect(await send(mesh.port, `GET ${path} HTTP/1.1`, 'Host: svc')).toMatch(/^HTTP\/1\.1 200 /)
    expect(seen.map(({ target }) => target)).toEqual([`GET ${expected}`])
  })

  it('normalises by the option that it was given', async () => {
    await startSidecar([forward('svc')], { pathNormalization: 'DECODE_AND_MERGE_SLASHES' })
    await send(mesh.port, 'GET http://svc//a%2F..%5cb HTTP/1.1', 'Host: svc')
    await send(mesh.port, 'OPTIONS * HTTP/1.1', 'Host: svc')
    expect(seen.map(({ target }) => target)).toEqual(['GET /b', 'OPTIONS *'])
  })

  it('leaves paths alone where it is told to', async () => {
    await startSidecar([forward('svc')], { pathNormalization: 'NONE' })
    await send(mesh.port, 'GET /a/../%2e//%00 HTTP/1.1', 'Host: svc')
    expect(seen.map(({ target }) => target)).toEqual(['GET /a/../%2e//%00'])
  })

  it('redirects to the normal form of what was asked', async () => {
    const redirect = { kind: 'redirect', status: 301, authority: 'other' } as const
    await startSidecar([{ name: '', match: { path: { kind: 'prefix', value: '/b' } }, action: redirect }])
    expect(await send(mesh.port, 'GET /a/../b?q HTTP/1.1', 'Host: svc')).toContain('\r\nlocation: http://other/b?q\r\n')
  })

  it('refuses a path without a normal form', async () => {
    await startSidecar([forward('svc')])
    expect(await send(mesh.port, 'GET /a%00 HTTP/1.1', 'Host: svc')).toMatch(/^HTTP\/1\.1 400 /)
    expect(seen).toEqual([])
    expect(mesh.stat('http.outbound', 'downstream_rq_4xx')).toBe(1)
  })

  it('lets TRACE through a sidecar and not through a gateway', async () => {
    const port = await startGateway()
    const refused = await send(port, 'TRACE / HTTP/1.1', 'Host: svc')
    expect(refused).toMatch(/^HTTP\/1\.1 405 .*\r\nallow: GET, /s)
    await mesh.apply([...clusterParts('svc', [await serve()]), ...routeParts([forward('svc')])])
    await send(mesh.port, 'TRACE / HTTP/1.1', 'Host: svc', 'Max-Forwards: 5')
    expect(seen).toMatchObject([{ target: 'TRACE /', fields: { 'max-forwards': ['5'] } }])
  })
})

function gatewayParts(port: number, routes: readonly Route[] = [forward('svc')]): readonly Part[] {
  const filterChains = [{ name: '', match: {}, http: { routeConfig: 'gateway' } }]
  const virtualHosts = [{ name: 'all', domains: ['*'], routes }]
  return [
    { type: 'listener', name: `gateway|${port}`, direction: 'gateway', address: '127.0.0.1', port, filterChains },
    { type: 'routes', name: 'gateway', unknownHost: 'not-found', virtualHosts },
  ]
}

/** Sends these head lines and returns all that comes until the other side closes. */
function send(port: number, ...lines: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = createConnection(port, '127.0.0.1')
    let answer = ''
    socket.setEncoding('latin1').on('data', (chunk) => (answer += String(chunk)))
    socket.on('error', reject).on('end', () => resolve(answer))
    socket.write([...lines, '', ''].join('\r\n'))
    socket.end()
  })
}

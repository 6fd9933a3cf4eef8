import { afterEach, describe, expect, it } from '@jest/globals'
import { type Route } from '@fairlead/core/snapshot'
import { clusterParts, forward, oneService, routeParts, TestMesh } from './testdata/test-mesh.js'
import { seededRandom } from '../upstream/balancers/testdata/seeded-random.js'

describe('a request through the data plane', () => {
  let mesh: TestMesh
  afterEach(() => mesh.close())

  it('reaches the upstream and brings its answer back', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serve((request, response) => {
      response.setHeader('x-seen', `${request.method} ${request.url} ${request.headers.host}`)
      request.pipe(response)
    })
    await mesh.apply(oneService([upstream]))
    const answer = await mesh.call({ method: 'POST', path: '/a?b=c', body: 'hello' })
    expect([answer.status, answer.headers['x-seen'], answer.body]).toEqual([200, 'POST /a?b=c svc', 'hello'])
    expect(mesh.flags()).toEqual([])
    expect(mesh.stat('http.outbound', 'downstream_rq_2xx')).toBe(1)
  })

  it('uses one upstream connection for requests in a row', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serve((_, response) => response.end())
    await mesh.apply(oneService([upstream]))
    for (let i = 0; i < 20; i++) await mesh.call()
    expect(mesh.stat('cluster.svc', 'upstream_cx_total')).toBe(1)
    expect(mesh.stat('cluster.svc', 'upstream_rq_2xx')).toBe(20)
    expect(mesh.stat('cluster.svc', 'upstream_rq_active')).toBe(0)
  })

  it('takes absolute form, as clients behind HTTP_PROXY send it', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serve((request, response) => response.end(`${request.headers.host}${request.url}`))
    await mesh.apply(oneService([upstream]))
    expect(await mesh.call({ path: 'http://svc/x?y=1' })).toMatchObject({ status: 200, body: 'svc/x?y=1' })
  })

  it('edits the heads both ways', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serve((request, response) => {
      response.setHeader('x-gone', '1')
      response.setHeader('x-kept', '1')
      response.end(JSON.stringify([request.headers['x-user'], request.headers['x-new'], request.headers['x-added']]))
    })
    const route: Route = {
      name: '',
      match: {},
      action: {
        kind: 'forward',
        clusters: [
          {
            cluster: 'svc',
            weight: 1,
            requestHeaders: {
              drop: ['x-user', 'x-new'],
              append: [
                ['x-new', 'set'],
                ['x-added', 'b'],
              ],
            },
            responseHeaders: { drop: ['x-gone'], append: [['x-mesh', 'yes']] },
          },
        ],
      },
    }
    await mesh.apply([...clusterParts('svc', [upstream]), ...routeParts([route])])
    const answer = await mesh.call({ headers: { 'X-User': 'root', 'X-New': 'old', 'x-added': 'a' } })
    expect(JSON.parse(answer.body)).toEqual([null, 'set', 'a, b'])
    expect([answer.headers['x-gone'], answer.headers['x-kept'], answer.headers['x-mesh']]).toEqual([
      undefined,
      '1',
      'yes',
    ])
  })

  it('rewrites authority and path', async () => {
    mesh = await TestMesh.start()
    const upstream = await mesh.serve((request, response) => response.end(`${request.headers.host}${request.url}`))
    const rewrite = { authority: 'inner.example', path: { kind: 'prefix', value: '/v2' } } as const
    const route: Route = { ...forward('svc', { rewrite }), match: { path: { kind: 'prefix', value: '/api' } } }
    await mesh.apply([...clusterParts('svc', [upstream]), ...routeParts([route])])
    expect((await mesh.call({ path: '/api/users?q=1' })).body).toBe('inner.example/v2/users?q=1')
  })

  it('redirects, and answers directly', async () => {
    mesh = await TestMesh.start()
    const body = Buffer.from('{"down":true}').toString('base64')
    const routes: Route[] = [
      {
        name: '',
        match: { path: { kind: 'exact', value: '/old' } },
        action: { kind: 'redirect', status: 308, path: { kind: 'full', value: '/new' } },
      },
      {
        name: '',
        match: {},
        action: { kind: 'direct-response', status: 418, body },
        responseHeaders: { drop: ['content-type'], append: [['content-type', 'application/json']] },
      },
    ]
    await mesh.apply(routeParts(routes))
    const redirect = await mesh.call({ path: '/old?q=1' })
    expect([redirect.status, redirect.headers.location]).toEqual([308, 'http://svc/new?q=1'])
    const direct = await mesh.call({ path: '/else' })
    expect([direct.status, direct.body, direct.headers['content-type']]).toEqual([
      418,
      '{"down":true}',
      'application/json',
    ])
  })

  it('splits the requests of 50 clients 95 to 5, within 4 standard errors', async () => {
    mesh = await TestMesh.start({ random: seededRandom(42) })
    const seen = { v1: 0, v2: 0 }
    const v1 = await mesh.serve((_, response) => (seen.v1++, response.end()))
    const v2 = await mesh.serve((_, response) => (seen.v2++, response.end()))
    const clusters = [
      { cluster: 'v1', weight: 95 },
      { cluster: 'v2', weight: 5 },
    ]
    const parts = [...clusterParts('v1', [v1]), ...clusterParts('v2', [v2])]
    await mesh.apply([...parts, ...routeParts([forward('', { clusters })])])
    const total = 2_000
    const worker = async () => {
      for (let i = 0; i < total / 50; i++) expect((await mesh.call()).status).toBe(200)
    }
    await Promise.all(Array.from({ length: 50 }, worker))
    expect(seen.v1 + seen.v2).toBe(total)
    expect(Math.abs(seen.v1 / total - 0.95)).toBeLessThan(4 * Math.sqrt((0.95 * 0.05) / total))
  })

  it('sends what comes in at an outbound bind to its destination, under that name', async () => {
    const destination = { host: 'svc', port: 80 }
    mesh = await TestMesh.start({ outboundBinds: [{ address: '127.0.0.1', port: 0, destination }] })
    const upstream = await mesh.serve((request, response) => response.end(request.headers.host))
    await mesh.apply(oneService([upstream]))
    const { port } = mesh.plane.bound.outboundBinds[0]!
    expect(await mesh.call({ port, host: 'localhost:1234' })).toMatchObject({ status: 200, body: 'svc' })
  })

  it('serves inbound listeners by their bind', async () => {
    mesh = await TestMesh.start({ inbound: [{ address: '127.0.0.1', port: 0, applicationPort: 8080 }] })
    const upstream = await mesh.serve((_, response) => response.end('app'))
    const { port } = mesh.plane.bound.inbound[0]!
    const cluster = 'inbound|8080||'
    await mesh.apply([
      ...clusterParts(cluster, [upstream], { direction: 'inbound' }),
      {
        type: 'listener',
        name: `inbound|127.0.0.1|${port}`,
        direction: 'inbound',
        address: '127.0.0.1',
        port,
        filterChains: [{ name: '', match: {}, http: { routeConfig: cluster } }],
      },
      {
        type: 'routes',
        name: cluster,
        unknownHost: 'not-found',
        virtualHosts: [{ name: 'inbound', domains: ['*'], routes: [forward(cluster)] }],
      },
    ])
    expect(await mesh.call({ port, host: 'whatever:9' })).toMatchObject({ status: 200, body: 'app' })
    expect(mesh.stat('http.inbound', 'downstream_rq_total')).toBe(1)
  })

  it('uses all addresses of a DNS cluster', async () => {
    const lookup = (name: string) => Promise.resolve(name === 'db.example' ? [{ address: '127.0.0.1' }] : [])
    mesh = await TestMesh.start({ lookup })
    const upstream = await mesh.serve((_, response) => response.end('db'))
    const endpoints = [{ ...upstream, address: 'db.example' }]
    await mesh.apply([...clusterParts('svc', endpoints, { discovery: 'dns' }), ...routeParts([forward('svc')])])
    expect((await mesh.call()).body).toBe('db')
  })
})

import { once } from 'node:events'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from '@jest/globals'
import { createClient, type Client } from './client.js'
import type { ClientOptions } from './connection.js'
import { ApiError, ServerUnreachable } from './errors.js'
import type { ResourceObject, WatchEvent } from './schemas/resource.js'

type Handler = (request: http.IncomingMessage & { text: string }, response: http.ServerResponse) => void

const VS = { group: 'networking.istio.io', version: 'v1', plural: 'virtualservices', namespace: 'default' } as const
const servers: http.Server[] = []

/** Answers the requests one by one with the handlers, and keeps what was asked. */
async function scripted(handlers: readonly Handler[], options: Partial<ClientOptions> = {}) {
  const asked: { method: string; url: string; headers: http.IncomingHttpHeaders; body: string }[] = []
  const server = http.createServer(async (request, response) => {
    let text = ''
    for await (const chunk of request) text += chunk
    asked.push({ method: request.method ?? '', url: request.url ?? '', headers: request.headers, body: text })
    const handler = handlers[asked.length - 1]
    if (!handler) response.writeHead(599).end('more requests than were scripted')
    else handler(Object.assign(request, { text }), response)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  servers.push(server)
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  return { asked, server, client: createClient({ server: url, token: 'secret', ...options }) }
}

afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const json =
  (value: unknown, status = 200, headers: http.OutgoingHttpHeaders = {}): Handler =>
  (_, response) =>
    response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(value))

const object = (name: string, resourceVersion: number) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: { name, namespace: 'default', resourceVersion: String(resourceVersion) },
  spec: {},
})

const page = (items: unknown[], resourceVersion: number, next?: string) =>
  json({ kind: 'VirtualServiceList', metadata: { resourceVersion: String(resourceVersion), continue: next }, items })

async function names(client: Client): Promise<string[]> {
  const found: string[] = []
  for await (const item of client.list(VS, { limit: 2 })) found.push(item.metadata.name)
  return found
}

describe('Client calls', () => {
  it('sends the token, the query and the documents of an apply', async () => {
    const answer = { revision: 3, changed: true, dryRun: true, results: [], warnings: [] }
    const { client, asked } = await scripted([json(answer)])
    const options = { dryRun: true, message: 'a & b', prune: true, labelSelector: 'app=x', allowPending: false }
    expect(await client.apply('kind: A', options)).toEqual(answer)
    expect(asked[0]).toMatchObject({ method: 'POST', body: 'kind: A' })
    const url = new URL(asked[0]?.url ?? '', 'http://x')
    expect(url.pathname).toBe('/apis/fairlead.io/v1/apply')
    expect(Object.fromEntries(url.searchParams)).toEqual({
      dryRun: 'All',
      message: 'a & b',
      prune: 'true',
      labelSelector: 'app=x',
    })
    expect(asked[0]?.headers).toMatchObject({ authorization: 'Bearer secret', 'content-type': 'application/yaml' })
  })

  it('reads a list page after page, at the revision of the first', async () => {
    const { client, asked } = await scripted([
      page([object('a', 1), object('b', 1)], 7, 'next page'),
      page([object('c', 1)], 7),
    ])
    expect(await names(client)).toEqual(['a', 'b', 'c'])
    expect(asked.map(({ url }) => url)).toEqual([
      '/apis/networking.istio.io/v1/namespaces/default/virtualservices?limit=2',
      '/apis/networking.istio.io/v1/namespaces/default/virtualservices?limit=2&continue=next+page',
    ])
  })

  it('lists all namespaces without the namespace part', async () => {
    const { client, asked } = await scripted([page([], 7)])
    const { group, version, plural } = VS
    expect(await client.listAll({ group, version, plural })).toEqual({ resourceVersion: '7', items: [] })
    expect(asked[0]?.url).toBe('/apis/networking.istio.io/v1/virtualservices?limit=500')
  })

  it('escapes what it puts into a path', async () => {
    const { client, asked } = await scripted([json({})])
    await client.get({ ...VS, namespace: 'a/b', name: '..?' })
    expect(asked[0]?.url).toBe('/apis/networking.istio.io/v1/namespaces/a%2Fb/virtualservices/..%3F')
  })

  it('sends If-Match and a merge patch', async () => {
    const { client, asked } = await scripted([json(object('a', 2))])
    await client.patch({ ...VS, name: 'a' }, { spec: null }, { ifMatch: '1' })
    expect(asked[0]).toMatchObject({ method: 'PATCH', body: '{"spec":null}' })
    expect(asked[0]?.headers).toMatchObject({ 'if-match': '"1"', 'content-type': 'application/merge-patch+json' })
  })

  it('hands out Warning headers', async () => {
    const warnings: string[] = []
    const { client } = await scripted(
      [json(object('a', 2), 200, { warning: '299 - "one, \\"quoted\\"", 299 fairlead "two"' })],
      { onWarning: (text) => warnings.push(text) },
    )
    await client.delete({ ...VS, name: 'a' })
    expect(warnings).toEqual(['one, "quoted"', 'two'])
  })

  it('streams an export and an import', async () => {
    const archive = '{"a":1}\n{"b":2}\n'
    const { client, asked } = await scripted([
      (_, response) => response.writeHead(200, { 'content-type': 'application/x-ndjson' }).end(archive),
      json({ revision: 1, resources: 1, revisions: 1, tokens: 1 }),
    ])
    expect(await client.importArchive(client.exportArchive())).toMatchObject({ revision: 1 })
    expect(asked[1]).toMatchObject({ method: 'POST', url: '/apis/fairlead.io/v1/import', body: archive })
  })

  it('takes a readyz of 503 as not ready', async () => {
    const { client } = await scripted([
      (_, response) => response.writeHead(503).end('database: down'),
      (_, response) => response.writeHead(200).end('ok'),
    ])
    expect([await client.ready(), await client.ready()]).toEqual([false, true])
  })

  it('works over an injected fetch', async () => {
    const { client } = await scripted([json({ version: '0.1.0' }), json({}, 404)], { fetch: globalThis.fetch })
    expect(await client.version()).toEqual({ version: '0.1.0' })
    await expect(client.version()).rejects.toThrow(ApiError)
  })
})

describe('Client errors', () => {
  const problem = {
    type: '/problems/invalid',
    title: 'Not valid',
    status: 422,
    code: 'invalid',
    errors: [{ path: 'spec.hosts', message: 'is missing', code: 'required', line: 3, column: 1, document: 0 }],
  }

  it('carries the Problem of a refusal', async () => {
    const { client } = await scripted([json(problem, 422, { 'content-type': 'application/problem+json' })])
    const error: unknown = await client.apply('x').catch((refusal: unknown) => refusal)
    expect(error).toBeInstanceOf(ApiError)
    expect((error as ApiError).problem).toEqual(problem)
  })

  it.each([
    ['a page of a balancer', '<html>Bad Gateway</html>', 'HTTP status 502: <html>Bad Gateway</html>'],
    ['no body', '', 'HTTP status 502'],
    ['JSON of another shape', '{"error":"x"}', 'HTTP status 502: {"error":"x"}'],
    ['JSON null', 'null', 'HTTP status 502: null'],
  ])('makes a Problem of %s', async (_, body, message) => {
    const { client } = await scripted([(__, response) => response.writeHead(502).end(body)])
    await expect(client.version()).rejects.toMatchObject({ name: 'ApiError', message, status: 502 })
  })

  it('says that nobody listens', async () => {
    const { client, server } = await scripted([])
    server.close()
    await once(server, 'close')
    await expect(client.version()).rejects.toMatchObject({
      name: 'ServerUnreachable',
      message: expect.stringContaining('connection refused'),
    })
  })

  it('gives up a silent server, before and after the head of its answer', async () => {
    const { client } = await scripted([() => undefined, (_, response) => void response.writeHead(200).write('{')], {
      timeoutMs: 50,
    })
    await expect(client.version()).rejects.toThrow('no answer within 0.05 s')
    await expect(client.version()).rejects.toThrow('no answer within 0.05 s')
  })

  it('does not take what speaks no JSON for a controller', async () => {
    const { client } = await scripted([(_, response) => response.end('hello')])
    await expect(client.version()).rejects.toThrow(ServerUnreachable)
  })

  it('asks again when a kept connection was closed under a read', async () => {
    const { client, asked } = await scripted([
      json({ version: '1' }),
      (request) => request.socket.destroy(),
      json({ version: '2' }),
    ])
    await client.version()
    expect(await client.version()).toEqual({ version: '2' })
    expect(asked).toHaveLength(3)
  })

  it('does not send a write twice', async () => {
    const { client, asked } = await scripted([json({ version: '1' }), (request) => request.socket.destroy()])
    await client.version()
    await expect(client.apply('x')).rejects.toThrow(ServerUnreachable)
    expect(asked).toHaveLength(2)
  })

  it.each(['ftp://x', 'localhost:8080', ''])('refuses %p as a server', (server) => {
    expect(() => createClient({ server })).toThrow(TypeError)
  })
})

describe('Client.watch', () => {
  const event = (type: string, name: string, revision: number) =>
    JSON.stringify({ type, object: object(name, revision) })
  const lines =
    (...events: string[]): Handler =>
    (_, response) =>
      response.end(events.map((line) => line + '\n').join(''))
  /** Cuts the connection in the middle of a line. */
  const cut =
    (...events: string[]): Handler =>
    (_, response) => {
      response.write(events.map((line) => line + '\n').join('') + '{"type":"MOD', () => response.destroy())
    }

  async function take(events: AsyncGenerator<WatchEvent>, count: number): Promise<string[]> {
    const seen: string[] = []
    for await (const { type, object: changed } of events) {
      const { metadata } = changed as ResourceObject
      seen.push(`${type} ${metadata.name}@${metadata.resourceVersion}`)
      if (seen.length === count) break
    }
    return seen
  }

  it('begins with what is there and goes on from the revision of that list', async () => {
    const { client, asked } = await scripted([page([object('a', 3)], 7), lines(event('MODIFIED', 'a', 8))])
    expect(await take(client.watch(VS), 2)).toEqual(['ADDED a@3', 'MODIFIED a@8'])
    expect(asked[1]?.url).toContain('resourceVersion=7')
  })

  it('resumes inside a revision: nothing lost, nothing twice', async () => {
    const { client, asked } = await scripted([
      cut(event('ADDED', 'a', 8), event('ADDED', 'b', 9)),
      lines(event('ADDED', 'b', 9), event('ADDED', 'c', 9), event('DELETED', 'a', 10)),
    ])
    const events = client.watch(VS, { resourceVersion: '7', retryMs: 1 })
    expect(await take(events, 4)).toEqual(['ADDED a@8', 'ADDED b@9', 'ADDED c@9', 'DELETED a@10'])
    expect(asked[1]?.url).toContain('resourceVersion=8')
  })

  it('moves its resume point by bookmarks, which it keeps to itself', async () => {
    const { client, asked } = await scripted([
      lines(event('ADDED', 'a', 8), event('BOOKMARK', '', 20)),
      lines(event('ADDED', 'b', 21)),
    ])
    expect(await take(client.watch(VS, { resourceVersion: '7' }), 2)).toEqual(['ADDED a@8', 'ADDED b@21'])
    expect(asked[1]?.url).toContain('resourceVersion=20')
  })

  it('goes on after a restart of the server', async () => {
    const { client } = await scripted([
      (_, response) => response.writeHead(503).end(),
      (request) => request.socket.destroy(),
      lines(event('ADDED', 'a', 8)),
    ])
    expect(await take(client.watch(VS, { resourceVersion: '7', retryMs: 1 }), 1)).toEqual(['ADDED a@8'])
  })

  it.each([
    ['a status', json({ type: '/problems/gone', title: 'Gone', code: 'gone' }, 410)],
    [
      'an event',
      lines(
        JSON.stringify({ type: 'ERROR', object: { type: '/problems/gone', title: 'Gone', status: 410, code: 'gone' } }),
      ),
    ],
  ])('ends with the refusal that came as %s', async (_, handler) => {
    const { client } = await scripted([handler])
    await expect(take(client.watch(VS, { resourceVersion: '1' }), 1)).rejects.toMatchObject({ status: 410 })
  })

  it('ends at the signal', async () => {
    const stop = new AbortController()
    const { client } = await scripted([(_, response) => void response.write(event('ADDED', 'a', 8) + '\n')])
    const seen: WatchEvent[] = []
    for await (const change of client.watch(VS, { resourceVersion: '7', signal: stop.signal })) {
      seen.push(change)
      stop.abort()
    }
    expect(seen).toHaveLength(1)
  })
})

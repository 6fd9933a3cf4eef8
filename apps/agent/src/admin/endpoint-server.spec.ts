import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { statSync } from 'node:fs'
import { request as httpRequest, type IncomingHttpHeaders, type RequestOptions } from 'node:http'
import { join } from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'
import { tempFolder } from '@fairlead/testkit'
import { StatBlock } from '../telemetry/stat-block.js'
import { StatRegistry } from '../telemetry/stat-registry.js'
import { adminEndpoints } from './admin-endpoints.js'
import { serveEndpoints, type EndpointServer, type ServerAddress } from './endpoint-server.js'
import { healthEndpoints } from './health-endpoints.js'
import { refuseForeignCaller } from './local-caller.js'
import { metricsEndpoints } from './metrics-endpoints.js'

const closers: (() => Promise<void> | void)[] = []
afterEach(async () => {
  for (const close of closers.splice(0).reverse()) await close()
})

interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

function call(server: EndpointServer, method: string, path: string, options: RequestOptions = {}): Promise<Answer> {
  const target = server.address.startsWith('unix://')
    ? { socketPath: server.address.slice('unix://'.length) }
    : { host: '127.0.0.1', port: Number(server.address.split(':').at(-1)) }
  return new Promise((resolve, reject) => {
    const request = httpRequest({ ...target, method, path, agent: false, ...options }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
    })
    request.on('error', reject)
    request.end()
  })
}

describe('the admin server', () => {
  const done: string[] = []
  let notReady: string | null = null

  async function admin(address: ServerAddress = { host: '127.0.0.1', port: 0 }): Promise<EndpointServer> {
    done.length = 0
    notReady = null
    const stats = new StatRegistry()
    const counters = [{ name: 'upstream_rq_total', type: 'counter', help: 'Requests' }] as const
    const block = new StatBlock({ scope: 'cluster', label: 'cluster', stats: counters, histogram: null }, 'shop')
    block.add(0, 7)
    stats.add(block)
    const view = (name: string) => () => ({ view: name })
    const endpoints = adminEndpoints(
      {
        serverInfo: view('info'),
        configDump: view('dump'),
        clusters: view('clusters'),
        routes: view('routes'),
        listeners: () => {
          throw new Error('no listeners today')
        },
        stats,
        notReadyReason: () => notReady,
      },
      {
        drain: async (draining) => void done.push(`drain ${draining}`),
        quit: () => void done.push('quit'),
        setLogLevel: (level) => level === 'debug',
      },
    )
    const server = await serveEndpoints({ name: 'admin', address, endpoints, refuse: refuseForeignCaller })
    closers.push(() => server.close())
    return server
  }

  it.each([
    ['GET', '/config_dump', 200, '"view": "dump"'],
    ['GET', '/clusters', 200, '"view": "clusters"'],
    ['GET', '/routes', 200, '"view": "routes"'],
    ['GET', '/server_info', 200, '"view": "info"'],
    ['GET', '/listeners', 500, 'no listeners today\n'],
    ['GET', '/', 200, 'POST /quitquitquit'],
    ['GET', '/healthz/live', 200, 'live\n'],
    ['GET', '/healthz/ready', 200, 'ready\n'],
    ['GET', '/stats', 200, 'cluster.shop.upstream_rq_total: 7\n'],
    ['GET', '/stats?filter=^cluster.*rq', 200, 'cluster.shop.upstream_rq_total: 7\n'],
    ['GET', '/stats?filter=listener', 200, /^\n$/],
    ['GET', '/stats?filter=(', 400, 'no RE2 regex'],
    ['GET', '/stats?format=json', 200, '"value": 7'],
    ['GET', '/stats?format=prometheus', 200, 'fairlead_cluster_upstream_rq_total{cluster="shop"} 7\n'],
    ['GET', '/stats?format=prometheus&filter=downstream', 200, /^$/],
    ['GET', '/stats?format=xml', 400, 'expected text, json or prometheus'],
    ['POST', '/logging?level=debug', 200, 'level: debug\n'],
    ['POST', '/logging?level=loud', 400, "level: 'loud' is no log level\n"],
    ['POST', '/logging', 400, "level: '' is no log level\n"],
    ['GET', '/nothing', 404, 'no such path: /nothing\n'],
    ['GET', '/constructor', 404, 'no such path'],
    ['GET', '/quitquitquit', 405, '/quitquitquit takes POST\n'],
    ['DELETE', '/stats', 405, '/stats takes GET\n'],
  ])('answers %s %s with %d', async (method, path, status, body) => {
    const answer = await call(await admin(), method, path)
    expect(answer.status).toBe(status)
    if (typeof body === 'string') expect(answer.body).toContain(body)
    else expect(answer.body).toMatch(body)
    expect(done).toEqual([])
  })

  it('does what a POST asks for', async () => {
    const server = await admin()
    for (const path of ['/drain', '/undrain', '/quitquitquit']) {
      expect(await call(server, 'POST', path)).toMatchObject({ status: 200, body: 'OK\n' })
    }
    expect(done).toEqual(['drain true', 'drain false', 'quit'])
  })

  it('names the allowed methods, answers HEAD without a body, and is never cached', async () => {
    const server = await admin()
    expect((await call(server, 'GET', '/drain')).headers['allow']).toBe('POST')
    const head = await call(server, 'HEAD', '/healthz/live')
    expect(head).toMatchObject({ status: 200, body: '' })
    expect(head.headers).toMatchObject({ 'content-length': '5', 'cache-control': 'no-store' })
  })

  it('says why it is not ready', async () => {
    const server = await admin()
    notReady = 'no config yet'
    expect(await call(server, 'GET', '/healthz/ready')).toMatchObject({ status: 503, body: 'no config yet\n' })
  })

  it.each([
    [{ host: '127.0.0.1:1' }, 200],
    [{ host: 'localhost' }, 200],
    [{ host: 'LOCALHOST:15000' }, 200],
    [{ host: '[::1]:15000' }, 200],
    [{ host: 'localhost', origin: 'http://localhost' }, 200],
    [{ host: 'evil.example' }, 403],
    [{ host: '127.0.0.1.evil.example' }, 403],
    [{ host: 'localhost.evil.example:15000' }, 403],
    [{ host: 'localhost', origin: 'http://evil.example' }, 403],
    [{ host: 'localhost:15000', origin: 'http://localhost:3000' }, 403],
    [{ host: 'localhost', origin: 'null' }, 403],
  ])('answers a caller with %j with %d', async (headers, status) => {
    expect(await call(await admin(), 'POST', '/quitquitquit', { headers })).toMatchObject({ status })
    expect(done).toEqual(status === 200 ? ['quit'] : [])
  })

  it('serves on a unix socket that is its owner’s alone, also over the remains of a dead one', async () => {
    const folder = await tempFolder('admin')
    closers.push(() => folder.remove())
    const path = join(folder.path, 'admin.sock')
    const listenAndDie = `require('net').createServer().listen(process.argv[1], () => process.kill(process.pid, 9))`
    await once(spawn(process.execPath, ['-e', listenAndDie, path]), 'exit')
    expect(statSync(path).isSocket()).toBe(true)
    const server = await admin({ path })
    expect(statSync(path).mode & 0o777).toBe(0o600)
    expect(await call(server, 'GET', '/healthz/live', { headers: { host: 'anything' } })).toMatchObject({ status: 200 })
    await expect(admin({ path })).rejects.toThrow(
      `cannot listen on unix://${path} for admin: another process listens there`,
    )
  })

  it('says in one line that its port is taken', async () => {
    const first = await admin()
    const port = Number(first.address.split(':')[1])
    await expect(admin({ host: '127.0.0.1', port })).rejects.toThrow(
      `cannot listen on 127.0.0.1:${port} for admin: another process listens there`,
    )
  })
})

describe('the health and metrics servers', () => {
  it('answer whoever asks, by whatever name', async () => {
    const health = await serveEndpoints({
      name: 'health',
      address: { host: '127.0.0.1', port: 0 },
      endpoints: healthEndpoints({ notReadyReason: () => 'draining' }),
    })
    const metrics = await serveEndpoints({
      name: 'metrics',
      address: { host: '::1', port: 0 },
      endpoints: metricsEndpoints(new StatRegistry()),
    })
    closers.push(
      () => health.close(),
      () => metrics.close(),
    )
    const headers = { host: 'shop.example' }
    expect(await call(health, 'GET', '/healthz/ready', { headers })).toMatchObject({ status: 503, body: 'draining\n' })
    for (const path of ['/metrics', '/stats/prometheus']) {
      const answer = await call(metrics, 'GET', path, { host: '::1', headers })
      expect(answer).toMatchObject({ status: 200 })
      expect(answer.headers['content-type']).toContain('version=0.0.4')
    }
  })
})

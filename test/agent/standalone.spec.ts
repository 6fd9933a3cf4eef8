import { once } from 'node:events'
import { writeFileSync } from 'node:fs'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { tempFolder, waitFor, type Child, type TempFolder } from '@fairlead/testkit'
import { admin, call, killAgents, ready, refuses, startAgentProcess } from './agent-process.js'

const host = 'reviews.default.svc.cluster.local'

function mesh(ports: Readonly<Record<string, number>>): string {
  const endpoints = Object.entries(ports).map(
    ([version, port]) => `{ address: 127.0.0.1, ports: { http: ${port} }, labels: { version: ${version} } }`,
  )
  const subsets = Object.keys(ports).map((version) => `{ name: ${version}, labels: { version: ${version} } }`)
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews }
spec:
  hosts: [${host}]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [${endpoints.join(', ')}]
---
apiVersion: networking.istio.io/v1
kind: DestinationRule
metadata: { name: reviews }
spec: { host: reviews, subsets: [${subsets.join(', ')}] }
`
}

function split(weights: Readonly<Record<string, number>>): string {
  const route = Object.entries(weights).map(
    ([subset, weight]) => `{ destination: { host: reviews, subset: ${subset} }, weight: ${weight} }`,
  )
  return `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec:
  hosts: [reviews]
  http:
    - route: [${route.join(', ')}]
`
}

describe('fairlead-agent without a controller', () => {
  let folder: TempFolder
  const apps: Server[] = []
  const file = (name: string) => join(folder.path, name)

  beforeEach(async () => {
    folder = await tempFolder('standalone')
  })
  afterEach(async () => {
    await killAgents()
    for (const app of apps.splice(0)) {
      app.closeAllConnections()
      app.close()
    }
    await folder.remove()
  })

  /** An application on a free port. */
  async function app(answer: (response: ServerResponse) => void, address = '127.0.0.1'): Promise<number> {
    const server = createServer((_, response) => answer(response)).listen(0, address)
    apps.push(server)
    await once(server, 'listening')
    return (server.address() as AddressInfo).port
  }

  async function reviews(): Promise<Record<'v1' | 'v2', number>> {
    return { v1: await app((response) => response.end('v1')), v2: await app((response) => response.end('v2')) }
  }

  function startAgent(...more: readonly string[]): Child {
    return startAgentProcess('--mesh', folder.path, '--outbound', '127.0.0.1:0', ...more)
  }

  async function tally(outbound: string, requests: number): Promise<Record<string, number>> {
    const counts: Record<string, number> = {}
    for (let i = 0; i < requests; i++) {
      const { body } = await call(outbound, host)
      counts[body] = (counts[body] ?? 0) + 1
    }
    return counts
  }

  it('splits traffic as the YAML says, and again as it says after SIGHUP', async () => {
    writeFileSync(file('a.yaml'), mesh(await reviews()))
    writeFileSync(file('b.yaml'), split({ v1: 80, v2: 20 }))
    const agent = startAgent()
    const { outbound, ...line } = await ready(agent)
    expect(line).toMatchObject({ config: '1.0.0' })
    expect(line['admin']).toBe('undefined')
    const before = await tally(outbound, 400)
    // Five standard errors.
    expect(Math.abs(before['v2']! / 400 - 0.2)).toBeLessThan(0.1)
    expect(before['v1']! + before['v2']!).toBe(400)

    writeFileSync(file('b.yaml'), split({ v1: 0, v2: 100 }))
    agent.kill('SIGHUP')
    await agent.line('the new config', ({ msg, version }) => msg === 'config applied' && version === '2.0.0')
    expect(await tally(outbound, 50)).toEqual({ v2: 50 })
  })

  it('keeps what runs when the files are bad at SIGHUP, names the place, and takes them when they are good', async () => {
    writeFileSync(file('a.yaml'), mesh(await reviews()))
    writeFileSync(file('b.yaml'), split({ v1: 100, v2: 0 }))
    const agent = startAgent()
    const { outbound } = await ready(agent)
    writeFileSync(file('b.yaml'), split({ v1: 0, v2: 100 }).replace('weight: 100', 'weight: -1'))
    agent.kill('SIGHUP')
    const refused = await agent.line('the refusal', ({ msg }) => msg === 'mesh refused: the running config stays')
    expect(refused['reason']).toContain(`${file('b.yaml')}:7:`)
    expect(refused['reason']).toContain('error: VirtualService default/reviews: spec.http[0].route[1].weight')
    expect(await tally(outbound, 10)).toEqual({ v1: 10 })
    writeFileSync(file('b.yaml'), split({ v1: 0, v2: 100 }))
    agent.kill('SIGHUP')
    await agent.line('the new config', ({ msg, version }) => msg === 'config applied' && version === '2.0.0')
    expect(await tally(outbound, 10)).toEqual({ v2: 10 })
  })

  it.each([
    ['broken YAML', { 'a.yaml': 'a: [\n' }, 'a.yaml:2:1: error: '],
    [
      'a field that does not exist',
      { 'a.yaml': split({ v1: 1 }).replace('http:', 'htp:') },
      'a.yaml:6:3: error: VirtualService default/reviews: spec.htp: ',
    ],
    [
      'one object in two files',
      { 'a.yaml': split({ v1: 1 }), 'b.yaml': split({ v1: 1 }) },
      'b.yaml: error: VirtualService default/reviews is already in ',
    ],
    ['no document', { 'a.yaml': '# nothing yet\n' }, 'there is no resource in it'],
    ['no file', {}, 'there is no *.yaml, *.yml or *.json in it'],
  ])('refuses to start on %s with exit code 65', async (_, files, expected) => {
    for (const [name, content] of Object.entries(files)) writeFileSync(file(name), content)
    const agent = startAgent()
    expect(await agent.exited).toBe(65)
    expect(agent.stderr()).toContain(expected)
    expect(agent.stderr()).not.toMatch(/^\s+at /m)
  })

  it('warns of what is not enforced yet, by file and line, and runs', async () => {
    const pending = split({ v1: 100 }).replace('    - route:', '    - mirror: { host: reviews }\n      route:')
    writeFileSync(file('a.yaml'), mesh(await reviews()))
    writeFileSync(file('b.yaml'), pending)
    const agent = startAgent()
    const warning = await agent.line('the warning', ({ code }) => code === 'pending')
    expect(warning.msg).toContain(
      `${file('b.yaml')}:7:7: warning: VirtualService default/reviews: spec.http[0].mirror: `,
    )
    expect(await tally((await ready(agent)).outbound, 5)).toEqual({ v1: 5 })
  })

  it('is an instance of the services whose selector matches its labels', async () => {
    const port = await app((response) => response.end('mine'), '127.0.0.9')
    writeFileSync(
      file('a.yaml'),
      `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: mine }
spec:
  hosts: [mine.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP, targetPort: ${port} }]
  workloadSelector: { labels: { app: mine } }
`,
    )
    const free = await freePort()
    const agent = startAgent(
      '--labels',
      'app=mine',
      '--inbound',
      `127.0.0.1:${free}=127.0.0.9:${port}`,
      '--admin',
      '127.0.0.1:0',
    )
    const { outbound, admin: address } = await ready(agent)
    expect(await call(outbound, 'mine.default.svc.cluster.local')).toMatchObject({ status: 200, body: 'mine' })
    const clusters = (await admin(address, '/clusters')).body
    expect(clusters).toContain(String(free))
    for (const path of ['/config_dump', '/routes', '/listeners', '/stats?format=json']) {
      expect(JSON.parse((await admin(address, path)).body)).toBeTruthy()
    }
  })

  it('serves a Gateway on the port that it binds', async () => {
    const port = await freePort()
    writeFileSync(file('a.yaml'), mesh(await reviews()))
    writeFileSync(
      file('b.yaml'),
      `apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { app: edge }
  servers: [{ port: { number: ${port}, name: http, protocol: HTTP }, bind: 127.0.0.1, hosts: [shop.example] }]
---
${split({ v2: 100 }).replace('hosts: [reviews]', 'hosts: [shop.example]\n  gateways: [edge]')}`,
    )
    const args = ['--mesh', folder.path, '--role', 'gateway', '--labels', 'app=edge', '--health', '127.0.0.1:0']
    const { health } = (await ready(startAgentProcess(...args))) as unknown as { health: string }
    expect(await call(health, 'probe', '/healthz/ready')).toMatchObject({ status: 200 })
    expect(await call(`127.0.0.1:${port}`, 'shop.example')).toMatchObject({ status: 200, body: 'v2' })
    expect(await call(`127.0.0.1:${port}`, 'other.example')).toMatchObject({ status: 404 })
  })

  it('finishes a long request after SIGTERM', async () => {
    const waiting: ServerResponse[] = []
    const port = await app((response) => void waiting.push(response))
    writeFileSync(file('a.yaml'), mesh({ v1: port }))
    writeFileSync(file('b.yaml'), split({ v1: 100 }))
    const agent = startAgent()
    const { outbound } = await ready(agent)
    const answer = call(outbound, host)
    const response = await waitFor('the request', () => waiting[0])
    response.write('slow, ')
    agent.kill('SIGTERM')
    await waitFor('the listener to close', () => refuses(outbound))
    response.end('but whole')
    expect(await answer).toMatchObject({ status: 200, body: 'slow, but whole' })
    expect(await agent.exited).toBe(0)
  })

  it.each(['--outbound', '--inbound', '--admin', '--health', '--metrics', '--outbound-bind'])(
    'says in one line that the port of %s is taken',
    async (flag) => {
      const port = await app(() => {})
      writeFileSync(file('a.yaml'), mesh(await reviews()))
      const suffix = flag === '--inbound' ? '=1' : flag === '--outbound-bind' ? '=reviews:80' : ''
      const agent = startAgentProcess('--mesh', folder.path, flag, `127.0.0.1:${port}${suffix}`)
      expect(await agent.exited).toBe(1)
      expect(agent.stderr()).toMatch(
        new RegExp(
          `^fairlead-agent: cannot listen on 127\\.0\\.0\\.1:${port}[^\\n]*: another process listens there\\n$`,
        ),
      )
    },
  )

  it('answers --help, --version and nonsense before it does anything', async () => {
    const help = startAgentProcess('--help')
    expect(await help.exited).toBe(0)
    expect(help.log[0]!.msg).toBe('fairlead-agent: the proxy of a Fairlead mesh on one host.')
    const version = startAgentProcess('--version')
    expect(await version.exited).toBe(0)
    expect(version.log[0]!.msg).toMatch(/^fairlead-agent \d+\.\d+\.\d+$/)
    const nonsense = startAgentProcess('--mesh', folder.path, '--concurrency', '4')
    expect(await nonsense.exited).toBe(2)
    expect(nonsense.stderr()).toBe('fairlead-agent: --concurrency 4: more than one core is not built yet; give 1\n')
  })

  async function freePort(): Promise<number> {
    const port = await app(() => {})
    await new Promise((resolve) => apps.pop()!.close(resolve))
    return port
  }
})

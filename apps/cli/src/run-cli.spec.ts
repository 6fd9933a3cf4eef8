import { once } from 'node:events'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import http from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { Readable, Writable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { runCli } from './run-cli.js'

interface Answer {
  readonly status?: number
  readonly body: unknown
}
/** `METHOD path?query` -> answers, the last of which is repeated. */
type Script = Readonly<Record<string, readonly Answer[]>>

const NOW = Date.parse('2026-11-24T10:00:00Z')
let folder = ''
let server: http.Server
let script: Script = {}
let asked: { call: string; body: string; authorization: string | undefined }[] = []

beforeAll(async () => {
  folder = mkdtempSync(path.join(tmpdir(), 'fairlead-cli-'))
  server = http.createServer((request, response) => {
    let body = ''
    request.setEncoding('utf8')
    request.on('data', (chunk: string) => (body += chunk))
    request.on('end', () => {
      const call = `${request.method} ${decodeURIComponent(request.url ?? '')}`
      const answers = script[call] ?? [{ status: 404, body: problem(404, 'not-found', `no ${call}`) }]
      const answer = answers[Math.min(asked.filter((before) => before.call === call).length, answers.length - 1)]
      asked.push({ call, body, authorization: request.headers.authorization })
      response.writeHead(answer?.status ?? 200, { 'content-type': 'application/json' })
      response.end(typeof answer?.body === 'string' ? answer.body : JSON.stringify(answer?.body))
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
})

afterAll(() => {
  server.closeAllConnections()
  server.close()
  rmSync(folder, { recursive: true })
})

async function cli(words: readonly string[], answers: Script = {}, options: { stdin?: string; env?: object } = {}) {
  script = answers
  asked = []
  const texts = { stdout: '', stderr: '' }
  const sink = (name: 'stdout' | 'stderr') =>
    new Writable({
      write(chunk: Buffer, _, done) {
        texts[name] += chunk.toString()
        done()
      },
    })
  const exitCode = await runCli(words, {
    stdin: Readable.from([Buffer.from(options.stdin ?? '')]),
    stdout: sink('stdout'),
    stderr: sink('stderr'),
    env: {
      HOME: folder,
      STATE_DIRECTORY: folder,
      FAIRLEAD_SERVER: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
      FAIRLEAD_TOKEN: 'secret',
      ...options.env,
    },
    now: () => NOW,
  })
  return { exitCode, ...texts }
}

function file(name: string, text: string): string {
  writeFileSync(path.join(folder, name), text)
  return path.join(folder, name)
}

const problem = (status: number, code: string, detail: string, errors?: object[]) => ({
  type: `/problems/${code}`,
  title: detail,
  status,
  code,
  detail,
  ...(errors ? { errors } : {}),
})

const virtualService = (name: string) => ({
  apiVersion: 'networking.istio.io/v1',
  kind: 'VirtualService',
  metadata: {
    name,
    namespace: 'default',
    labels: { app: name },
    creationTimestamp: '2026-11-24T09:50:00Z',
    resourceVersion: '3',
    generation: 2,
  },
  spec: { hosts: [name], http: [{ route: [{ destination: { host: name } }] }] },
})
const VS = '/apis/networking.istio.io/v1/namespaces/default/virtualservices'
const OWN = '/apis/fairlead.io/v1'
const list = (...items: object[]) => [
  { body: { kind: 'VirtualServiceList', metadata: { resourceVersion: '7' }, items } },
]

const agent = (name: string, revision: number | null, more: object = {}) => ({
  apiVersion: 'fairlead.io/v1',
  kind: 'Agent',
  metadata: { name, namespace: 'default', labels: { app: 'reviews' } },
  spec: { role: 'sidecar', address: '127.0.0.11', locality: 'eu/a/1', inbound: [] },
  status: {
    connected: true,
    sync: 'SYNCED',
    version: revision === null ? null : { revision, overlay: 0, endpoints: 2 },
    target: { revision: 3, overlay: 0, endpoints: 2 },
    nack: null,
    draining: false,
    endpoint: 'ready',
    agentVersion: '0.1.0',
    lastSeen: '2026-11-24T09:59:58Z',
    ...more,
  },
})
const agents = (...items: object[]) => ({ body: { apiVersion: 'fairlead.io/v1', kind: 'AgentList', items } })

const revision = (number: number, message: string) => ({
  apiVersion: 'fairlead.io/v1',
  kind: 'Revision',
  metadata: { name: String(number), creationTimestamp: '2026-11-24T09:00:00Z' },
  revision: number,
  parent: number - 1,
  author: 'ann',
  message,
  source: 'apply',
  changes: { created: 1, updated: 2, deleted: 3 },
})

const applied = (more: object = {}) => ({
  revision: 3,
  changed: true,
  dryRun: false,
  results: [
    {
      apiVersion: 'networking.istio.io/v1',
      kind: 'VirtualService',
      namespace: 'default',
      name: 'reviews',
      action: 'configured',
    },
  ],
  warnings: [],
  ...more,
})

const APPLY = `POST ${OWN}/apply?namespace=default`

describe('fairlead apply', () => {
  it('sends all files as one request and prints a line a resource', async () => {
    const [a, b] = [file('a.yaml', 'kind: A'), file('b.json', '{\n\t"kind": "B"}')]
    const run = await cli(['apply', '-f', a, '-f', b, '-m', 'why'], { [`${APPLY}&message=why`]: [{ body: applied() }] })
    expect(run).toEqual({ exitCode: 0, stdout: 'virtualservice/reviews configured\n', stderr: 'revision 3\n' })
    expect(asked[0]).toMatchObject({ body: 'kind: A\n...\n{\n "kind": "B"}\n...\n', authorization: 'Bearer secret' })
  })

  it('reads stdin, says a dry run, and tells warnings on stderr', async () => {
    const warnings = [
      {
        kind: 'VirtualService',
        namespace: 'default',
        name: 'reviews',
        path: 'spec.tls',
        message: 'is pending',
        code: 'pending',
      },
    ]
    const run = await cli(
      ['apply', '--dry-run', '-f', '-'],
      { [`${APPLY}&dryRun=All`]: [{ body: applied({ dryRun: true, warnings }) }] },
      { stdin: 'kind: A' },
    )
    expect(run).toEqual({
      exitCode: 0,
      stdout: 'virtualservice/reviews configured (server dry run)\n',
      stderr: 'warning: virtualservice/reviews: spec.tls: is pending\nnothing was stored\n',
    })
  })

  it('tells each error at its file, line and column', async () => {
    const [a, b] = [file('a.yaml', 'kind: A\n---\nkind: A\n'), file('b.yaml', 'kind: B\nspec:\n  hosts: 1')]
    const errors = [
      { path: 'spec.hosts', message: 'expected a list', code: 'type', document: 2, line: 7, column: 10 },
      { path: 'spec.http', message: 'is missing', code: 'required', document: 1, kind: 'A', name: 'x' },
    ]
    const run = await cli(['apply', '-f', a, '-f', b], {
      [APPLY]: [{ status: 422, body: problem(422, 'invalid', 'not valid', errors) }],
    })
    expect(run.exitCode).toBe(65)
    expect(run.stdout).toBe('')
    expect(run.stderr).toBe(`error: ${b}:3:10: spec.hosts: expected a list\nerror: A/x: spec.http: is missing\n`)
  })

  it('prunes only by a selector', async () => {
    const a = file('a.yaml', 'kind: A')
    expect((await cli(['apply', '-f', a, '--prune'])).exitCode).toBe(2)
    const run = await cli(['apply', '-f', a, '--prune', '-l', 'app=x'], {
      [`${APPLY}&prune=true&labelSelector=app=x`]: [{ body: applied({ changed: false }) }],
    })
    expect(run).toMatchObject({ exitCode: 0, stderr: 'nothing changed; still revision 3\n' })
  })

  it('waits for the agents when asked to', async () => {
    const run = await cli(['apply', '-f', file('a.yaml', 'kind: A'), '--wait', '--timeout', '0s'], {
      [APPLY]: [{ body: applied() }],
      [`GET ${OWN}/agents`]: [agents(agent('a', 2))],
    })
    expect(run.exitCode).toBe(8)
  })

  it('checks files without a controller', async () => {
    const good = file('good.yaml', JSON.stringify(virtualService('reviews')))
    const run = await cli(['apply', '--dry-run=client', '-f', good], {}, { env: { FAIRLEAD_SERVER: '' } })
    expect(run).toEqual({ exitCode: 0, stdout: 'virtualservice/reviews valid (client dry run)\n', stderr: '' })
    const bad = file(
      'bad.yaml',
      'apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata:\n  name: x\nspec:\n  nope: 1\n',
    )
    const refused = await cli(['apply', '--dry-run=client', '-f', good, '-f', bad])
    expect(refused).toMatchObject({ exitCode: 65, stdout: '' })
    expect(refused.stderr).toContain(`${bad}:6:`)
    expect(refused.stderr).toContain('spec.nope')
    expect(asked).toEqual([])
  })

  it.each([
    ['no file', ['-f', '/nowhere.yaml'], 65, '/nowhere.yaml: no such file or folder'],
    ['a URL', ['-f', 'https://x/y.yaml'], 2, 'URLs are not read'],
    ['an empty stdin', ['-f', '-'], 65, 'nothing to read'],
    ['no -f', [], 2, "required option '-f, --filename <file>'"],
    ['another --dry-run', ['-f', '-', '--dry-run=maybe'], 2, 'Allowed choices are server, client'],
  ])('refuses %s', async (_, words, exitCode, stderr) => {
    const run = await cli(['apply', ...words])
    expect(run.exitCode).toBe(exitCode)
    expect(run.stderr).toContain(stderr)
  })
})

describe('fairlead get', () => {
  const one = { [`GET ${VS}/reviews`]: [{ body: virtualService('reviews') }] }
  const two = { [`GET ${VS}?limit=500`]: list(virtualService('ratings'), virtualService('reviews')) }
  const all = `GET /apis/networking.istio.io/v1/virtualservices?limit=500`

  it.each<[string, string[], Script, string]>([
    [
      'a table',
      ['vs', 'reviews'],
      one,
      'NAME      GATEWAYS   HOSTS         AGE\nreviews              ["reviews"]   10m\n',
    ],
    ['no header', ['vs', 'reviews', '--no-headers'], one, 'reviews      ["reviews"]   10m\n'],
    ['names', ['virtualservices', '-o', 'name'], two, 'virtualservice/ratings\nvirtualservice/reviews\n'],
    ['a path', ['VirtualService/reviews', '-o', 'jsonpath={.spec.hosts[0]}'], one, 'reviews'],
    [
      'a path over a list',
      ['vs', '-o', 'jsonpath={range .items[*]}{.metadata.name}{"\\n"}{end}'],
      two,
      'ratings\nreviews\n',
    ],
    ['JSON', ['vs/reviews', '-o', 'json'], one, JSON.stringify(virtualService('reviews'), null, 2) + '\n'],
    [
      'all namespaces, wide',
      ['vs', '-A', '-o', 'wide'],
      { [all]: list(virtualService('reviews')) },
      'NAMESPACE   NAME      GATEWAYS   HOSTS         AGE   REVISION   LABELS\n' +
        'default     reviews              ["reviews"]   10m   3          app=reviews\n',
    ],
  ])('prints %s', async (_, words, answers, stdout) => {
    expect(await cli(['get', ...words], answers)).toEqual({ exitCode: 0, stdout, stderr: '' })
  })

  it('prints several as documents of YAML that can be applied again', async () => {
    const { stdout } = await cli(['get', 'vs', '-o', 'yaml'], two)
    expect(stdout.split('---\n')).toHaveLength(2)
    expect(stdout).toContain('  name: ratings\n')
  })

  it('passes the selector on, and says when there is nothing', async () => {
    const run = await cli(['get', 'vs', '-l', 'app=x', '-n', 'web'], {
      'GET /apis/networking.istio.io/v1/namespaces/web/virtualservices?labelSelector=app=x&limit=500': list(),
    })
    expect(run).toEqual({ exitCode: 0, stdout: '', stderr: 'no resources found in namespace web\n' })
  })

  it('watches: what is there, then the changes', async () => {
    const changes = [
      { type: 'DELETED', object: virtualService('reviews') },
      { type: 'ERROR', object: problem(410, 'gone', 'too old') },
    ]
    const run = await cli(['get', 'vs', '-w'], {
      [`GET ${VS}?limit=500`]: list(virtualService('reviews')),
      [`GET ${VS}?watch=true&allowWatchBookmarks=true&timeoutSeconds=300&resourceVersion=7`]: [
        { body: changes.map((change) => JSON.stringify(change)).join('\n') },
      ],
    })
    expect(run.stdout.split('\n').map((line) => line.split(/ +/).slice(0, 2).join(' '))).toEqual([
      'EVENT NAME',
      'ADDED reviews',
      'DELETED reviews',
      '',
    ])
    expect(run).toMatchObject({ exitCode: 4, stderr: 'error: too old\n' })
  })

  it.each([
    ['a kind that is none', ['pods'], 2, 'no kind pods (known: virtualservices/vs'],
    ['a name that is not there', ['vs', 'x'], 4, 'no GET'],
    ['an output that is none', ['vs', '-o', 'xml'], 2, 'expected table, wide'],
    ['a template that is none', ['vs', '-o', 'jsonpath={.a[?(@.b)]}'], 2, 'cannot read'],
    ['a name in all namespaces', ['vs', 'x', '-A'], 2, 'use -n, not -A'],
    ['two ways to name one', ['vs/x', 'y'], 2, 'either KIND NAME or KIND/NAME'],
  ])('refuses %s', async (_, words, exitCode, stderr) => {
    const run = await cli(['get', ...words])
    expect(run.exitCode).toBe(exitCode)
    expect(run.stderr).toContain(stderr)
  })
})

describe('exit codes', () => {
  it.each([
    [400, 65],
    [401, 6],
    [403, 6],
    [404, 4],
    [409, 5],
    [410, 4],
    [412, 5],
    [413, 65],
    [415, 65],
    [422, 65],
    [429, 1],
    [500, 1],
    [503, 1],
  ])('of status %i is %i', async (status, exitCode) => {
    const answers = { [`GET ${VS}/x`]: [{ status, body: problem(status, 'a-code', 'a reason') }] }
    const run = await cli(['get', 'vs', 'x'], answers)
    expect(run).toMatchObject({ exitCode, stdout: '' })
    expect(run.stderr).toMatch(/^error: a reason\n/)
  })

  it('is 7 when the server is not there', async () => {
    const run = await cli(['agents'], {}, { env: { FAIRLEAD_SERVER: 'http://127.0.0.1:1' } })
    expect(run).toMatchObject({ exitCode: 7, stdout: '' })
    expect(run.stderr).toContain('cannot reach http://127.0.0.1:1: connection refused')
  })

  it('is 7 when no server is named', async () => {
    const run = await cli(['agents'], {}, { env: { FAIRLEAD_SERVER: '' } })
    expect(run).toMatchObject({ exitCode: 7, stdout: '' })
  })

  it.each([[['nonsense']], [['get']], [['rollback']], [['wait', '--revision', 'x']], [['get', 'vs', '--nope']]])(
    'is 2 for %p',
    async (words) => {
      expect((await cli(words)).exitCode).toBe(2)
    },
  )

  it('is 0 for --help and --version, which print to stdout', async () => {
    expect(await cli(['--version'])).toMatchObject({ exitCode: 0, stdout: '0.1.0\n', stderr: '' })
    const help = await cli(['apply', '--help'])
    expect(help.exitCode).toBe(0)
    expect(help.stdout).toContain('--prune')
  })
})

describe('fairlead diff', () => {
  const change = {
    action: 'updated',
    kind: 'VirtualService',
    namespace: 'default',
    name: 'reviews',
    fields: [
      { path: 'spec.http[0].route[1].weight', from: 5, to: 50 },
      { path: 'spec.http[0].timeout', to: '1s' },
    ],
  }
  const between = `GET ${OWN}/revisions/3/diff?from=2`

  it('is 1 when revisions differ, by resource and field', async () => {
    const run = await cli(['diff', '--from', '2', '--to', '3'], {
      [between]: [{ body: { from: 2, to: 3, changes: [change] } }],
    })
    expect(run.exitCode).toBe(1)
    expect(run.stdout).toContain('    spec.http[0].route[1].weight: 5 -> 50\n    spec.http[0].timeout: "1s"\n')
  })

  it('is 0 when files would change nothing', async () => {
    const run = await cli(['diff', '-f', file('a.yaml', 'kind: A')], {
      [`POST ${OWN}/diff?namespace=default`]: [{ body: { from: 3, to: null, changes: [] } }],
    })
    expect(run).toEqual({ exitCode: 0, stdout: '', stderr: '' })
  })

  it('is above 1 for every error: 1 already says "different"', async () => {
    const failed = await cli(['diff', '--to', '3', '--from', '2'], { [between]: [{ status: 500, body: 'oh' }] })
    expect(failed.exitCode).toBe(2)
    expect((await cli(['diff'])).exitCode).toBe(2)
    expect((await cli(['diff', '-f', 'x', '--to', '1'])).exitCode).toBe(2)
  })
})

describe('fairlead history, rollback, describe, delete', () => {
  it('prints revisions, newest first', async () => {
    const run = await cli(['history', 'vs/reviews'], {
      [`GET ${OWN}/revisions?limit=20&resource=virtualservices/default/reviews`]: [
        { body: { kind: 'RevisionList', metadata: {}, items: [revision(3, 'half'), revision(1, 'start')] } },
      ],
    })
    expect(run.stdout).toBe(
      'REVISION   AGE   AUTHOR   SOURCE   CHANGES    MESSAGE\n' +
        '3          60m   ann      apply    +1 ~2 -3   half\n' +
        '1          60m   ann      apply    +1 ~2 -3   start\n',
    )
  })

  it('rolls back', async () => {
    const run = await cli(['rollback', '--to', '1', '-m', 'v2 is slow'], {
      [`POST ${OWN}/revisions/1/rollback?message=v2+is+slow`]: [{ body: applied() }],
    })
    expect(run).toEqual({ exitCode: 0, stdout: 'virtualservice/reviews configured\n', stderr: 'revision 3\n' })
  })

  it('describes a resource with its history', async () => {
    const run = await cli(['describe', 'vs', 'reviews'], {
      [`GET ${VS}/reviews`]: [{ body: virtualService('reviews') }],
      [`GET ${OWN}/revisions?limit=5&resource=virtualservices/default/reviews`]: [
        { body: { kind: 'RevisionList', metadata: {}, items: [revision(3, 'half')] } },
      ],
    })
    expect(run.exitCode).toBe(0)
    expect(run.stdout).toMatch(/^Name: +reviews\n/)
    expect(run.stdout).toContain('Spec:\n  hosts:\n    - reviews\n')
    expect(run.stdout).toMatch(/History:\n +REVISION[^\n]*\n +3 [^\n]*half\n$/)
  })

  it('deletes by name, and goes on after one that is not there', async () => {
    const run = await cli(['delete', 'vs', 'gone', 'reviews'], {
      [`DELETE ${VS}/reviews`]: [{ body: virtualService('reviews') }],
    })
    expect(run).toEqual({
      exitCode: 4,
      stdout: 'virtualservice/reviews deleted\n',
      stderr: 'virtualservice/gone not found in namespace default\n',
    })
    expect((await cli(['delete', 'vs/gone', '--ignore-not-found'])).exitCode).toBe(0)
  })

  it('says where a file is no YAML, and deletes nothing', async () => {
    const bad = file('broken.yaml', 'kind: [')
    const run = await cli(['delete', '-f', bad])
    expect(run).toMatchObject({ exitCode: 65, stdout: '' })
    expect(run.stderr).toContain(`error: ${bad}:`)
  })

  it('deletes what a file names, last first', async () => {
    const text = ['a', 'b'].map((name) => JSON.stringify(virtualService(name))).join('\n---\n')
    const run = await cli(['delete', '-f', file('two.yaml', text)], {
      [`DELETE ${VS}/a`]: [{ body: virtualService('a') }],
      [`DELETE ${VS}/b`]: [{ body: virtualService('b') }],
    })
    expect(run.stdout).toBe('virtualservice/b deleted\nvirtualservice/a deleted\n')
  })
})

describe('fairlead agents and wait', () => {
  it('prints what each agent runs', async () => {
    const nack = { version: { revision: 3, overlay: 0, endpoints: 2 }, reason: 'bad regex', at: '2026-11-24T09:59:00Z' }
    const answers = {
      [`GET ${OWN}/agents`]: [agents(agent('a', 3), agent('b', 2, { sync: 'NACK', nack, draining: true }))],
    }
    expect((await cli(['agents'], answers)).stdout).toBe(
      'NAME   NAMESPACE   ZONE   VERSION   CONFIG          REVISION   LAST-SEEN\n' +
        'a      default     a      0.1.0     SYNCED          3          2s\n' +
        'b      default     a      0.1.0     NACK,DRAINING   2          2s\n',
    )
    expect((await cli(['agents', '-o', 'wide'], answers)).stdout).toContain('3.0.2: bad regex')
    expect((await cli(['agents', '-o', 'name'], answers)).stdout).toBe('agent/a\nagent/b\n')
  })

  it.each(['drain', 'undrain'])('%ss one', async (verb) => {
    const run = await cli(['agents', verb, 'a', '-n', 'web'], {
      [`POST ${OWN}/namespaces/web/agents/a/${verb}`]: [{ body: agent('a', 3) }],
    })
    expect(run.exitCode).toBe(0)
  })

  it('waits until the last connected agent has acknowledged', async () => {
    const gone = agent('c', 1, { connected: false, sync: 'DISCONNECTED' })
    const run = await cli(['wait', '--revision', 'head'], {
      [`GET ${OWN}/revisions/head`]: [{ body: revision(3, '') }],
      [`GET ${OWN}/agents`]: [agents(agent('a', null), gone), agents(agent('a', 2), gone), agents(agent('a', 3), gone)],
    })
    expect(run).toEqual({ exitCode: 0, stdout: '', stderr: '1 of 1 connected agents run revision 3\n' })
    expect(asked.filter(({ call }) => call.endsWith('/agents'))).toHaveLength(3)
  })

  it('says who lags when the time is over: exit 8', async () => {
    const run = await cli(['wait', '--revision', '3', '--timeout', '0s'], {
      [`GET ${OWN}/revisions/head`]: [{ body: revision(3, '') }],
      [`GET ${OWN}/agents`]: [agents(agent('a', 3), agent('b', 2))],
    })
    expect(run.exitCode).toBe(8)
    expect(run.stderr).toContain('1 of 2 connected agents do not run revision 3:\n  default/b is at revision 2\n')
  })

  it('does not wait for a revision that nobody made', async () => {
    const run = await cli(['wait', '--revision', '9'], { [`GET ${OWN}/revisions/head`]: [{ body: revision(3, '') }] })
    expect(run).toMatchObject({ exitCode: 4, stderr: 'error: there is no revision 9 yet; the head is 3\n' })
  })
})

describe('fairlead token, export, import, version', () => {
  const token = {
    apiVersion: 'fairlead.io/v1',
    kind: 'Token',
    metadata: { name: 'web', creationTimestamp: '2026-11-24T09:00:00Z' },
    type: 'join',
  }

  it('prints a new secret alone on stdout', async () => {
    const run = await cli(['token', 'create', 'web', '--type', 'join', '--labels', 'app=web', '--ttl', '1h'], {
      [`POST ${OWN}/tokens`]: [{ status: 201, body: { ...token, token: 'flt_x' } }],
    })
    expect(run.stdout).toBe('flt_x\n')
    expect(JSON.parse(asked[0]?.body ?? '')).toEqual({
      name: 'web',
      type: 'join',
      namespace: 'default',
      labels: { app: 'web' },
      ttlSeconds: 3600,
    })
  })

  it('does not bind an api token to a namespace', async () => {
    expect((await cli(['token', 'create', 'x', '--type', 'api', '-n', 'web'])).exitCode).toBe(2)
  })

  it('lists and revokes', async () => {
    const listed = await cli(['token', 'list'], { [`GET ${OWN}/tokens`]: [{ body: { items: [token] } }] })
    expect(listed.stdout).toMatch(/^NAME.*\nweb +join +- +<none> +60m +never +never\n$/)
    const revoked = await cli(['token', 'revoke', 'web'], { [`DELETE ${OWN}/tokens/web`]: [{ body: token }] })
    expect(revoked.stdout).toBe('token/web revoked\n')
  })

  it('exports to stdout and imports from stdin', async () => {
    const archive = '{"a":1}\n{"b":2}\n'
    expect((await cli(['export'], { [`GET ${OWN}/export`]: [{ body: archive }] })).stdout).toBe(archive)
    const imported = await cli(
      ['import', '-f', '-'],
      { [`POST ${OWN}/import`]: [{ body: { revision: 3, resources: 2, revisions: 3, tokens: 1 } }] },
      { stdin: archive },
    )
    expect(imported).toMatchObject({ exitCode: 0, stdout: 'imported 2 resources, 3 revisions, 1 tokens\n' })
    expect(asked[0]?.body).toBe(archive)
  })

  it('warns when versions differ', async () => {
    const run = await cli(['version'], {
      'GET /version': [{ body: { version: '0.2.0' } }],
      [`GET ${OWN}/agents`]: [agents(agent('a', 3), agent('b', 3))],
    })
    expect(run.stdout).toBe('client: 0.1.0\nserver: 0.2.0\nagents: 0.1.0 (2)\n')
    expect(run.stderr).toContain('this client is 0.1.0, the server 0.2.0')
  })

  it('tells its own version though no server answers', async () => {
    const run = await cli(['version'], {}, { env: { FAIRLEAD_SERVER: 'http://127.0.0.1:1' } })
    expect(run).toMatchObject({ exitCode: 7, stdout: 'client: 0.1.0\n' })
    expect((await cli(['version', '--client'])).exitCode).toBe(0)
  })
})

import { request as httpRequest } from 'node:http'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type CallOptions, type RestFixture, startRest } from './testdata/rest-fixture.js'

const applyPath = '/apis/fairlead.io/v1/apply'
const gateways = '/apis/networking.istio.io/v1/namespaces/default/gateways'

const document = (metadata: string, spec: string, kind = 'VirtualService') =>
  `apiVersion: networking.istio.io/v1\nkind: ${kind}\nmetadata:\n  ${metadata}\nspec:\n${spec}`
const route = `  hosts: [a.example.com]\n  http:\n  - route:\n    - destination: {host: a.example.com}\n`
const aliasBomb = `a: &a [x,x,x,x,x,x,x,x,x]\n${'bcdefghij'
  .split('')
  .map((name, i) => `${name}: &${name} [${Array(9).fill(`*${'abcdefghi'[i]}`).join(',')}]`)
  .join('\n')}\n`

describe('bad input', () => {
  let rest: RestFixture

  beforeAll(async () => {
    rest = await startRest()
  })
  afterAll(() => rest?.stop())

  const unchanged = async () => {
    expect((await rest.call('GET', '/apis/fairlead.io/v1/revisions/head')).body['revision']).toBe(0)
    expect((await rest.call('GET', '/healthz')).status).toBe(200)
  }

  it.each<[what: string, body: string, status: number, path: string | null]>([
    ['broken YAML', 'kind: [\n', 400, null],
    ['an alias bomb', aliasBomb, 400, null],
    ['a document over 1 MiB', document(`name: a\n  annotations: {a: ${'x'.repeat(1 << 20)}}`, route), 413, null],
    ['an unknown kind', document('name: a', route, 'VirtualServices'), 422, 'kind'],
    ['an unknown field', document('name: a', route.replace('http', 'htpp')), 422, 'spec.htpp'],
    ['a wrong type', document('name: a', route.replace('[a.example.com]', '5')), 422, 'spec.hosts'],
    [
      'an unquoted 1.10 as a label',
      document('name: a\n  labels: {version: 1.10}', route),
      422,
      'metadata.labels.version',
    ],
    [
      'a wrong enum',
      document(
        'name: a',
        '  hosts: [a.example.com]\n  resolution: MAGIC\n  ports: [{number: 80, name: http}]\n',
        'ServiceEntry',
      ),
      422,
      'spec.resolution',
    ],
    [
      'a bad regex',
      document('name: a', `${route}    match:\n    - uri: {regex: "a(?=b)"}\n`),
      422,
      'spec.http[0].match[0].uri.regex',
    ],
    ['a name that is no DNS-1123 subdomain', document('name: A_b', route), 422, 'metadata.name'],
    ['a key __proto__', document('name: a\n  labels: {__proto__: x}', route), 422, null],
    ['U+0000', document('name: a\n  annotations: {a: "x\\0y"}', route), 422, null],
    [
      'two documents with one name',
      `${document('name: a', route)}---\n${document('name: a', route)}`,
      422,
      'metadata.name',
    ],
    [
      'a destination without a host',
      document('name: a', route.replace('{host: a.example.com}', '{subset: v1}')),
      422,
      'spec.http[0].route[0].destination.host',
    ],
    [
      'weights that are all 0',
      document(
        'name: a',
        '  hosts: [a.example.com]\n  http:\n  - route:\n' +
          '    - {destination: {host: a.example.com}, weight: 0}\n    - {destination: {host: b.example.com}, weight: 0}\n',
      ),
      422,
      'spec.http[0].route',
    ],
    ['an empty body', ' \n', 400, null],
  ])('%s is refused with its path, and nothing is stored', async (_, body, status, path) => {
    const answer = await rest.call('POST', applyPath, { body })
    const { errors, detail } = answer.body as { errors?: { path: string; message: string }[]; detail: string }
    expect({ status: answer.status, detail }).toEqual({ status, detail: expect.stringMatching(/\S/) })
    if (path !== null) expect(errors!.map((error) => error.path)).toContainEqual(expect.stringContaining(path))
    await unchanged()
  })

  it.each<[what: string, method: string, path: string, options: CallOptions, status: number]>([
    ['no content type known', 'POST', applyPath, { body: 'x', contentType: 'text/html' }, 415],
    ['another charset', 'POST', applyPath, { body: 'x', contentType: 'text/yaml; charset=latin1' }, 415],
    ['a patch as plain JSON', 'PATCH', `${gateways}/a`, { body: {} }, 415],
    ['no token', 'POST', applyPath, { body: 'x', token: null }, 401],
    ['a wrong token', 'POST', applyPath, { body: 'x', token: `fl_api_${'a'.repeat(43)}` }, 401],
    ['a token of no form at all', 'GET', gateways, { token: 'x' }, 401],
    ['a kind that is not the path’s', 'POST', gateways, { body: document('name: a', route) }, 422],
    [
      'a name that is not the path’s',
      'PUT',
      `${gateways.replace('gateways', 'virtualservices')}/b`,
      { body: document('name: a', route) },
      422,
    ],
    ['an unknown parameter', 'GET', `${gateways}?labelselector=a`, {}, 400],
    ['a message with U+0000', 'POST', `${applyPath}?message=a%00b`, { body: document('name: a', route) }, 422],
    ['a body that is not UTF-8', 'DELETE', `${gateways}/a`, { body: 'x' }, 400],
    [
      'a token with an unknown field',
      'POST',
      '/apis/fairlead.io/v1/tokens',
      { body: { name: 'a', type: 'api', x: 1 } },
      422,
    ],
    [
      'an archive that is none',
      'POST',
      '/apis/fairlead.io/v1/import',
      { body: '{"a":1}', contentType: 'application/x-ndjson' },
      400,
    ],
    ['a rollback to the future', 'POST', '/apis/fairlead.io/v1/revisions/7/rollback', {}, 404],
  ])('%s is refused', async (_, method, path, options, status) => {
    const answer = await rest.call(method, path, options)
    expect({ status: answer.status, type: answer.headers.get('content-type') }).toEqual({
      status,
      type: 'application/problem+json; charset=utf-8',
    })
    await unchanged()
  })

  it('a request over 64 MiB is refused by its length, before it is read', async () => {
    const status = await new Promise<number | undefined>((resolve, reject) => {
      const request = httpRequest(`${rest.url}${applyPath}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${rest.token}`, 'content-type': 'text/yaml', 'content-length': 65 << 20 },
      })
      request.once('response', (response) => {
        response.resume()
        resolve(response.statusCode)
        request.destroy()
      })
      request.once('error', reject)
      request.flushHeaders()
    })
    expect(status).toBe(413)
    await unchanged()
  })
})

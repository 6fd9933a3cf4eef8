import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { fillPath } from '@fairlead/api-client'
import { waitFor } from '@fairlead/testkit'
import { allRoutes } from '../openapi.js'
import { type RestFixture, startRest } from '../resources/testdata/rest-fixture.js'
import { StoredJoinTokens } from './stored-join-tokens.js'
import { Tokens } from './tokens.js'
import { TokensRepository } from './tokens.repository.js'

const tokens = '/apis/fairlead.io/v1/tokens'

describe('access', () => {
  let rest: RestFixture

  beforeAll(async () => {
    rest = await startRest()
  })
  afterAll(() => rest?.stop())

  it.each(allRoutes.map((route) => [`${route.method} ${route.path}`, route] as const))(
    '%s asks for a token unless it says that it is open',
    async (_, { method, path, params, open = false }) => {
      const values = Object.fromEntries(Object.keys(params?.shape ?? {}).map((name) => [name, 'v1']))
      const answer = await rest.call(method, fillPath(path, values), { token: null })
      expect(answer.status === 401).toBe(!open)
    },
  )

  it('documents every route that it serves, and serves what it documents', async () => {
    const { paths } = (await rest.call('GET', '/openapi.json', { token: null })).body as { paths: object }
    expect(Object.keys(paths).sort()).toEqual([...new Set(allRoutes.map(({ path }) => path))].sort())
  })

  it('makes a token, shows it once, and lets its bearer write under its name', async () => {
    const made = await rest.call('POST', tokens, { body: { name: 'ci', type: 'api' } })
    expect(made).toMatchObject({ status: 201, body: { token: expect.stringMatching(/^fl_api_[\w-]{43}$/) } })
    expect((await rest.call('POST', tokens, { body: { name: 'ci', type: 'api' } })).status).toBe(409)
    const secret = made.body['token'] as string
    expect((await rest.call('GET', tokens, { token: secret })).text).not.toContain(secret)
    const stored = await rest.database.dataSource.query('select * from token')
    expect(JSON.stringify(stored)).not.toContain(secret)

    const body = {
      apiVersion: 'networking.istio.io/v1',
      kind: 'ServiceEntry',
      metadata: { name: 'by-ci' },
      spec: { hosts: ['a.example.com'], resolution: 'DNS', ports: [{ number: 80, name: 'http', protocol: 'HTTP' }] },
    }
    expect((await rest.call('POST', '/apis/fairlead.io/v1/apply', { body, token: secret })).status).toBe(200)
    expect((await rest.call('GET', '/apis/fairlead.io/v1/revisions/head')).body['author']).toBe('ci')
    await waitFor('the use to be noted', async () => {
      const { items } = (await rest.call('GET', tokens)).body as {
        items: { metadata: { name: string }; lastUsedAt: string }[]
      }
      return items.find(({ metadata }) => metadata.name === 'ci')?.lastUsedAt
    })
    expect((await rest.call('DELETE', `${tokens}/ci`)).status).toBe(200)
    expect((await rest.call('GET', tokens, { token: secret })).status).toBe(401)
    expect((await rest.call('DELETE', `${tokens}/ci`)).status).toBe(404)
  })

  it('refuses an expired token, and a join token at the API', async () => {
    const made = await rest.call('POST', tokens, { body: { name: 'short', type: 'api', ttlSeconds: 60 } })
    const secret = made.body['token'] as string
    expect((await rest.call('GET', tokens, { token: secret })).status).toBe(200)
    await rest.database.dataSource.query(
      `update token set expires_at = now() - interval '1 second' where name = 'short'`,
    )
    expect((await rest.call('GET', tokens, { token: secret })).status).toBe(401)
    const join = await rest.call('POST', tokens, {
      body: { name: 'web', type: 'join', namespace: 'web', labels: { a: 'b' } },
    })
    expect((await rest.call('GET', tokens, { token: join.body['token'] as string })).status).toBe(401)
    const labelled = { name: 'odd', type: 'api', namespace: 'web' }
    expect((await rest.call('POST', tokens, { body: labelled })).status).toBe(422)

    const joinTokens = new StoredJoinTokens(new Tokens(new TokensRepository(rest.database)))
    expect(await joinTokens.verify(join.body['token'] as string)).toEqual({
      tokenName: 'web',
      namespace: 'web',
      labels: { a: 'b' },
    })
    expect(await joinTokens.verify(rest.token)).toBeNull()
    expect(await joinTokens.verify(`${(join.body['token'] as string).slice(0, -1)}~`)).toBeNull()
    expect(await joinTokens.verify('')).toBeNull()
  })

  it('carries tokens through export and import: their bearers go on, and nobody is locked out', async () => {
    const made = await rest.call('POST', tokens, { body: { name: 'moved', type: 'api' } })
    const archive = await rest.call('GET', '/apis/fairlead.io/v1/export')
    expect(archive.text).not.toContain(made.body['token'])
    expect((await importInto(rest, archive.text)).status).toBe(409)
    const other = await startRest()
    try {
      const before = (await rest.call('GET', '/apis/fairlead.io/v1/revisions/head/resources')).body
      expect(await importInto(other, archive.text)).toMatchObject({ status: 200, body: { resources: 1, revision: 1 } })
      expect((await other.call('GET', '/apis/fairlead.io/v1/revisions/head/resources')).body).toEqual(before)
      for (const token of [made.body['token'] as string, rest.token, other.token]) {
        expect((await other.call('GET', tokens, { token })).status).toBe(200)
      }
    } finally {
      await other.stop()
    }
  })

  const importInto = (target: RestFixture, body: string) =>
    target.call('POST', '/apis/fairlead.io/v1/import', { body, contentType: 'application/x-ndjson' })
})

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { type CallOptions, type RestFixture, startRest } from './testdata/rest-fixture.js'

const virtualServices = '/apis/networking.istio.io/v1/namespaces/default/virtualservices'
const applyPath = '/apis/fairlead.io/v1/apply'

function virtualService(name: string, weight = 5, extra: { labels?: object; version?: string } = {}) {
  return {
    apiVersion: `networking.istio.io/${extra.version ?? 'v1'}`,
    kind: 'VirtualService',
    metadata: { name, namespace: 'default', ...(extra.labels ? { labels: extra.labels } : {}) },
    spec: {
      hosts: [`${name}.example.com`],
      http: [
        {
          route: [
            { destination: { host: `${name}.example.com`, subset: 'v1' }, weight: 100 - weight },
            { destination: { host: `${name}.example.com`, subset: 'v2' }, weight },
          ],
        },
      ],
    },
  }
}

describe('the REST API of resources', () => {
  let rest: RestFixture
  const call = (method: string, path: string, options?: CallOptions) => rest.call(method, path, options)
  const head = async () => Number((await call('GET', '/apis/fairlead.io/v1/revisions/head')).body['revision'])

  beforeAll(async () => {
    rest = await startRest()
  })
  afterAll(() => rest?.stop())

  it('creates, reads, replaces, patches and deletes', async () => {
    const created = await call('POST', virtualServices, { body: virtualService('crud') })
    expect(created).toMatchObject({ status: 201, body: { metadata: { generation: 1, uid: expect.any(String) } } })
    expect((await call('POST', virtualServices, { body: virtualService('crud') })).status).toBe(409)

    const read = await call('GET', `${virtualServices}/crud`)
    const tag = read.headers.get('etag')!
    expect(read.body).toEqual(created.body)
    expect((await call('GET', `${virtualServices}/crud`, { headers: { 'if-none-match': tag } })).status).toBe(304)

    const replaced = await call('PUT', `${virtualServices}/crud`, { body: virtualService('crud', 20) })
    expect(replaced).toMatchObject({ status: 200, body: { metadata: { generation: 2 } } })
    const uid = (created.body['metadata'] as { uid: string }).uid
    expect(replaced.body).toMatchObject({ metadata: { uid } })

    const patched = await call('PATCH', `${virtualServices}/crud`, {
      body: { metadata: { labels: { team: 'a' } } },
      contentType: 'application/merge-patch+json',
    })
    expect(patched).toMatchObject({ status: 200, body: { metadata: { labels: { team: 'a' }, generation: 2 } } })

    const deleted = await call('DELETE', `${virtualServices}/crud`)
    expect(deleted).toMatchObject({ status: 200, body: { metadata: { uid } } })
    expect((await call('GET', `${virtualServices}/crud`)).status).toBe(404)
    expect((await call('DELETE', `${virtualServices}/crud`)).status).toBe(404)
    expect((await call('PUT', `${virtualServices}/crud`, { body: virtualService('crud') })).status).toBe(201)
  })

  it('refuses a stale version: 409 in a body, 412 in If-Match', async () => {
    const first = await call('POST', virtualServices, { body: virtualService('stale') })
    const next = await call('PUT', `${virtualServices}/stale`, { body: { ...virtualService('stale', 6) } })
    expect(next.status).toBe(200)
    const put = (headers: Record<string, string>, body: object = virtualService('stale', 7)) =>
      call('PUT', `${virtualServices}/stale`, { body, headers })
    const { metadata } = first.body as { metadata: object }
    expect((await put({}, { ...virtualService('stale', 7), metadata })).status).toBe(409)
    expect((await put({ 'if-match': first.headers.get('etag')! })).status).toBe(412)
    expect((await put({ 'if-none-match': '*' })).status).toBe(412)
    expect((await put({ 'if-match': next.headers.get('etag')! })).status).toBe(200)
    const patch = { body: {}, contentType: 'application/merge-patch+json', headers: { 'if-match': '"1"' } }
    expect((await call('PATCH', `${virtualServices}/stale`, patch)).status).toBe(412)
    expect((await call('DELETE', `${virtualServices}/stale`, { headers: { 'if-match': '"1"' } })).status).toBe(412)
  })

  it('takes one object under three spellings as one object', async () => {
    for (const version of ['v1alpha3', 'v1beta1', 'v1']) {
      const answer = await call('POST', applyPath, { body: virtualService('spelled', 5, { version }) })
      expect(answer.body).toMatchObject({ changed: version === 'v1alpha3' })
      const path = virtualServices.replace('/v1/', `/${version}/`)
      const read = await call('GET', `${path}/spelled`)
      expect(read.body).toMatchObject({ apiVersion: `networking.istio.io/${version}` })
      expect((await call('POST', applyPath, { body: read.body })).body).toMatchObject({ changed: false })
    }
  })

  it('applies all documents or none, as one revision', async () => {
    const before = await head()
    const bad = `${JSON.stringify(virtualService('apply-a'))}\n---\n${JSON.stringify({ ...virtualService('apply-b'), spec: { hosts: 5 } })}`
    const refused = await call('POST', applyPath, { body: bad })
    expect(refused).toMatchObject({
      status: 422,
      body: {
        code: 'invalid',
        errors: expect.arrayContaining([expect.objectContaining({ document: 1, name: 'apply-b' })]),
      },
    })
    expect(await head()).toBe(before)
    expect((await call('GET', `${virtualServices}/apply-a`)).status).toBe(404)

    const good = `${JSON.stringify(virtualService('apply-a'))}\n---\n${JSON.stringify(virtualService('apply-b'))}`
    const applied = await call('POST', `${applyPath}?message=both`, { body: good })
    expect(applied).toMatchObject({
      status: 200,
      body: {
        revision: before + 1,
        changed: true,
        results: [
          { name: 'apply-a', action: 'created' },
          { name: 'apply-b', action: 'created' },
        ],
      },
    })
    expect((await call('GET', '/apis/fairlead.io/v1/revisions/head')).body).toMatchObject({
      author: 'admin',
      message: 'both',
      source: 'apply',
      changes: { created: 2, updated: 0, deleted: 0 },
    })
    expect((await call('POST', applyPath, { body: good })).body).toMatchObject({ changed: false, revision: before + 1 })
  })

  it('prunes what matches the selector and is in no document', async () => {
    const labels = { set: 'prune' }
    const both = [virtualService('prune-a', 5, { labels }), virtualService('prune-b', 5, { labels })]
    await call('POST', applyPath, { body: both })
    expect((await call('POST', `${applyPath}?prune=true`, { body: both })).status).toBe(400)
    const pruned = await call('POST', `${applyPath}?prune=true&labelSelector=set%3Dprune`, { body: both.slice(0, 1) })
    expect(pruned.body).toMatchObject({
      results: [
        { name: 'prune-a', action: 'unchanged' },
        { name: 'prune-b', action: 'deleted' },
      ],
    })
    expect((await call('GET', `${virtualServices}/prune-b`)).status).toBe(404)
  })

  it('stores nothing in a dry run, however it is asked for', async () => {
    const before = await head()
    const body = virtualService('dry')
    const answers = [
      await call('POST', `${virtualServices}?dryRun=All`, { body }),
      await call('POST', `${applyPath}?dryRun=All`, { body }),
      await call('POST', '/apis/fairlead.io/v1/diff', { body }),
      await call('DELETE', `${virtualServices}/spelled?dryRun=All`),
    ]
    expect(answers.map(({ status }) => status)).toEqual([201, 200, 200, 200])
    expect(answers[2]!.body).toMatchObject({ from: before, to: null, changes: [{ action: 'created', name: 'dry' }] })
    // A mistyped parameter must not become a write.
    expect((await call('POST', `${applyPath}?dryrun=All`, { body })).status).toBe(400)
    expect(await head()).toBe(before)
  })

  it('lists by selector, and by pages that show one revision', async () => {
    const labels = { set: 'paged' }
    await call('POST', applyPath, {
      body: ['a', 'b', 'c', 'd', 'e'].map((n) => virtualService(`page-${n}`, 5, { labels })),
    })
    const query = `${virtualServices}?labelSelector=set+in+(paged)&limit=2`
    const first = await call('GET', query)
    await call('DELETE', `${virtualServices}/page-d`)
    const names: string[] = []
    for (let page = first; ;) {
      const { items, metadata } = page.body as {
        items: { metadata: { name: string } }[]
        metadata: { continue?: string }
      }
      names.push(...items.map((item) => item.metadata.name))
      if (metadata.continue === undefined) break
      page = await call('GET', `${query}&continue=${metadata.continue}`)
    }
    expect(names).toEqual(['page-a', 'page-b', 'page-c', 'page-d', 'page-e'])
    const one = await call('GET', '/apis/networking.istio.io/v1/virtualservices?fieldSelector=metadata.name%3Dpage-a')
    expect(one.body['items']).toHaveLength(1)
    expect((await call('GET', `${virtualServices}?labelSelector=a+b`)).status).toBe(400)
  })

  it('diffs and rolls back, with uid and age kept', async () => {
    const created = await call('POST', virtualServices, { body: virtualService('back', 5) })
    const then = await head()
    await call('PUT', `${virtualServices}/back`, { body: virtualService('back', 50) })
    const diff = await call('GET', '/apis/fairlead.io/v1/revisions/head/diff')
    expect(diff.body).toMatchObject({
      from: then,
      to: then + 1,
      changes: [
        {
          action: 'updated',
          fields: [
            { path: 'spec.http[0].route[0].weight', from: 95, to: 50 },
            { path: 'spec.http[0].route[1].weight', from: 5, to: 50 },
          ],
        },
      ],
    })
    const text = await call('GET', '/apis/fairlead.io/v1/revisions/head/diff', { headers: { accept: 'text/plain' } })
    expect(text.text).toContain('spec.http[0].route[1].weight')
    await call('DELETE', `${virtualServices}/back`)
    const rolled = await call('POST', `/apis/fairlead.io/v1/revisions/${then}/rollback?message=oops`)
    expect(rolled).toMatchObject({ status: 200, body: { revision: then + 3, changed: true } })
    const { uid, creationTimestamp } = created.body['metadata'] as { uid: string; creationTimestamp: string }
    expect((await call('GET', `${virtualServices}/back`)).body).toMatchObject({
      metadata: { uid, creationTimestamp },
      spec: created.body['spec'],
    })
    const history = await call('GET', '/apis/fairlead.io/v1/revisions?resource=virtualservices/default/back')
    expect((history.body['items'] as { source: string }[]).map(({ source }) => source)).toEqual([
      'rollback',
      'rest',
      'rest',
      'rest',
    ])
  })

  it('does not lose one of many concurrent patches', async () => {
    await call('POST', virtualServices, { body: virtualService('patched') })
    const answers = await Promise.all(
      Array.from({ length: 20 }, (_, n) =>
        call('PATCH', `${virtualServices}/patched`, {
          body: { metadata: { annotations: { [`writer-${n}`]: 'was-here' } } },
          contentType: 'application/merge-patch+json',
        }),
      ),
    )
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 20 }, () => 200))
    const { metadata } = (await call('GET', `${virtualServices}/patched`)).body as { metadata: { annotations: object } }
    expect(Object.keys(metadata.annotations)).toHaveLength(20)
  })

  it('answers what it cannot do with a problem and a request id', async () => {
    const missing = await call('GET', '/nowhere', { headers: { 'x-request-id': 'mine' } })
    expect(missing.headers.get('content-type')).toMatch(/^application\/problem\+json/)
    expect(missing).toMatchObject({ status: 404, body: { code: 'not-found', requestId: 'mine', instance: '/nowhere' } })
    const method = await call('PUT', applyPath, { body: virtualService('x') })
    expect(method.status).toBe(405)
    expect(method.headers.get('allow')).toBe('POST')
    expect((await call('GET', '/apis/networking.istio.io/v2/virtualservices')).status).toBe(404)
    expect((await call('GET', '/apis/networking.istio.io/v1/gadgets')).status).toBe(404)
    expect((await call('GET', '/apis/networking.istio.io/v1/namespaces/%ff/gateways')).status).toBe(400)
    expect((await call('GET', '/apis/fairlead.io/v1/revisions/99999')).status).toBe(404)
  })
})

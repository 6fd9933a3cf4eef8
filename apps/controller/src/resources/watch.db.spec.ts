import { createInterface } from 'node:readline'
import { Readable } from 'node:stream'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Resource } from '@fairlead/core/resources'
import { waitFor } from '@fairlead/testkit'
import { type RestFixture, startRest } from './testdata/rest-fixture.js'

const entries = '/apis/networking.istio.io/v1/namespaces/default/serviceentries'
const everywhere = '/apis/networking.istio.io/v1/serviceentries'

interface Event {
  readonly type: string
  readonly object: Resource
}

function serviceEntry(name: string, port: number, labels: Record<string, string> = {}) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name, namespace: 'default', labels },
    spec: {
      hosts: [`${name}.example.com`],
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      ports: [{ number: port, name: 'http', protocol: 'HTTP' }],
      endpoints: [{ address: '127.0.0.1' }],
    },
  }
}

describe('a watch', () => {
  let rest: RestFixture
  const stops: (() => void)[] = []

  beforeAll(async () => {
    rest = await startRest()
  })
  afterAll(async () => {
    stops.forEach((stop) => stop())
    await rest?.stop()
  })

  /** Collects events until it is stopped or the server ends the watch. */
  async function watch(query: string, path = everywhere) {
    const abort = new AbortController()
    stops.push(() => abort.abort())
    const response = await fetch(`${rest.url}${path}?watch=true&${query}`, {
      headers: { authorization: `Bearer ${rest.token}` },
      signal: abort.signal,
    })
    const events: Event[] = []
    const ended = (async () => {
      if (response.body === null || response.status !== 200) return
      for await (const line of createInterface({ input: Readable.fromWeb(response.body as never) })) {
        events.push(JSON.parse(line) as Event)
      }
    })().catch(() => undefined)
    return { status: response.status, events, ended, stop: () => abort.abort() }
  }

  const put = (name: string, port: number, labels?: Record<string, string>) =>
    rest.call('PUT', `${entries}/${name}`, { body: serviceEntry(name, port, labels) })
  const head = async () => String((await rest.call('GET', '/apis/fairlead.io/v1/revisions/head')).body['revision'])

  it('sends every change once and in order under 20 writers, and resumes anywhere without a loss', async () => {
    const start = await head()
    const live = await watch(`resourceVersion=${start}&allowWatchBookmarks=true`)
    const write = async (writer: number) => {
      for (let n = 1; n <= 3; n++) {
        const documents = [serviceEntry(`w${writer}`, n), serviceEntry('shared', writer * 10 + n)]
        const answer = await rest.call('POST', '/apis/fairlead.io/v1/apply', { body: documents })
        expect(answer.status).toBe(200)
      }
    }
    await Promise.all(Array.from({ length: 20 }, (_, writer) => write(writer)))
    const end = Number(await head())
    expect(end).toBe(Number(start) + 60)
    await waitFor('the last revision', () => versions(live.events).at(-1) === end)
    const seen = versions(live.events)
    // Two resources a revision, each followed by a bookmark: atomic, ordered, unique, nothing lost.
    expect(seen).toEqual(Array.from({ length: 60 }, (_, n) => Array(3).fill(Number(start) + 1 + n)).flat())
    expect(replay(live.events)).toEqual(await listed())

    const middle = await watch(`resourceVersion=${Number(start) + 37}&allowWatchBookmarks=true`)
    const again = await waitFor('the resumed watch', () => {
      const index = live.events.findIndex(
        ({ object }) => object.metadata.resourceVersion === String(Number(start) + 38),
      )
      const rest = live.events.slice(index)
      return middle.events.length >= rest.length ? { expected: rest, got: middle.events } : null
    })
    expect(again.got).toEqual(again.expected)
    live.stop()
    middle.stop()
  })

  it('begins with all that is there when no version is named', async () => {
    await put('there', 1)
    const stream = await watch('fieldSelector=metadata.name%3Dthere')
    await put('there', 2)
    await rest.call('DELETE', `${entries}/there`)
    await waitFor('three events', () => stream.events.length === 3)
    expect(stream.events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    expect(stream.events.at(-1)!.object.metadata.resourceVersion).toBe(await head())
    stream.stop()
  })

  it('tells of a resource that enters or leaves the selection', async () => {
    const stream = await watch(`resourceVersion=${await head()}&labelSelector=on%3Dyes`)
    await put('switch', 1, { on: 'no' })
    await put('switch', 1, { on: 'yes' })
    await put('switch', 2, { on: 'yes' })
    await put('switch', 2, { on: 'no' })
    await waitFor('three events', () => stream.events.length === 3)
    expect(stream.events.map(({ type }) => type)).toEqual(['ADDED', 'MODIFIED', 'DELETED'])
    stream.stop()
  })

  it('ends in time, with a bookmark to resume from', async () => {
    const stream = await watch('resourceVersion=0&timeoutSeconds=1&allowWatchBookmarks=true')
    await stream.ended
    expect(stream.events.at(-1)).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ServiceEntry', metadata: { resourceVersion: await head() } },
    })
  })

  it('refuses what it cannot do before it begins', async () => {
    expect((await watch('resourceVersion=99999')).status).toBe(400)
    expect((await watch('resourceVersion=x')).status).toBe(400)
    expect((await watch('limit=5')).status).toBe(400)
    expect((await watch('timeoutSeconds=0')).status).toBe(400)
  })

  it('answers 410 to one that comes from a forgotten revision', async () => {
    const oldest = Number(await head()) - 1
    await rest.database.dataSource.query('delete from revision where number < $1', [oldest])
    const refused = await rest.call('GET', `${everywhere}?watch=true&resourceVersion=1`)
    expect(refused).toMatchObject({ status: 410, body: { code: 'gone' } })
    const stream = await watch(`resourceVersion=${oldest}`)
    expect(stream.status).toBe(200)
    stream.stop()
  })

  async function listed(): Promise<string[]> {
    const { items } = (await rest.call('GET', everywhere)).body as { items: Resource[] }
    return items.map((item) => JSON.stringify(item)).sort()
  }
})

function versions(events: readonly Event[]): number[] {
  return events.map(({ object }) => Number(object.metadata.resourceVersion))
}

/** The state of one who only adds up what the watch says. */
function replay(events: readonly Event[]): string[] {
  const state = new Map<string, string>()
  for (const { type, object } of events) {
    if (type === 'BOOKMARK') continue
    expect(state.has(object.metadata.name)).toBe(type !== 'ADDED')
    if (type === 'DELETED') state.delete(object.metadata.name)
    else state.set(object.metadata.name, JSON.stringify(object))
  }
  return [...state.values()].sort()
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { findPostgres, type PostgresServer, startPostgres, tempFolder, type TempFolder } from '@fairlead/testkit'
import { type Controller, startController } from './fleet.js'

interface Change {
  readonly action: 'created' | 'updated' | 'deleted'
  readonly name: string
  readonly fields: readonly { readonly path: string; readonly from: unknown; readonly to: unknown }[]
}
interface WatchEvent {
  readonly type: string
  readonly object: { readonly metadata: { readonly name: string; readonly resourceVersion: string } }
}

const writers = 20
const writesEach = 50
/** Every fifth write adds one to a counter that all writers share, by compare-and-set: every one of them must count. */
const incrementEvery = 5
const collection = '/apis/networking.istio.io/v1/namespaces/default/serviceentries'
const postgresBin = await findPostgres()
const describeIfInstalled = postgresBin === null ? describe.skip : describe

describeIfInstalled('20 concurrent writers on PostgreSQL', () => {
  let folder: TempFolder
  let postgres: PostgresServer
  let controller: Controller

  beforeAll(async () => {
    folder = await tempFolder('writers')
    postgres = await startPostgres(postgresBin!)
    controller = await startController({ stateDir: folder.path, databaseUrl: postgres.url })
  }, 90_000)

  afterAll(async () => {
    controller?.process.kill('SIGTERM')
    await controller?.process.exited
    await postgres?.stop()
    await folder?.remove()
  })

  it('get numbers without gap or duplicate, seen in order by a watcher, and no update is lost', async () => {
    const created = await controller.call('POST', collection, serviceEntry('shared', 0))
    expect(created.status).toBe(201)
    const first = Number((created.body as { metadata: { resourceVersion: string } }).metadata.resourceVersion)
    const total = writers * writesEach
    const seen = watchUntil(first, first + total)

    await Promise.all(Array.from({ length: writers }, (_, writer) => write(writer)))

    const numbers = (await seen).map((event) => Number(event.object.metadata.resourceVersion))
    expect(numbers).toEqual(Array.from({ length: total }, (_, index) => first + 1 + index))
    const shared = await controller.call('GET', `${collection}/shared`)
    expect(portOf(shared.body)).toBe(1 + total / incrementEvery)
    await expectDiffsToSumUp(first, first + total)
  }, 240_000)

  /** Writes an object of its own, and now and then the counter. */
  async function write(writer: number): Promise<void> {
    for (let n = 0; n < writesEach; n++) {
      if (n % incrementEvery !== 0)
        await expectStatus([200, 201], 'PUT', `${collection}/own-${writer}`, serviceEntry(`own-${writer}`, n))
      else await increment()
    }
  }

  async function increment(): Promise<void> {
    for (;;) {
      const { body } = await controller.call('GET', `${collection}/shared`)
      const version = (body as { metadata: { resourceVersion: string } }).metadata.resourceVersion
      const next = serviceEntry('shared', portOf(body), version)
      const { status } = await controller.call('PUT', `${collection}/shared`, next)
      if (status === 200) return
      expect(status).toBe(409)
    }
  }

  async function expectStatus(statuses: number[], method: string, path: string, body: unknown): Promise<void> {
    expect(statuses).toContain((await controller.call(method, path, body)).status)
  }

  async function watchUntil(from: number, last: number): Promise<WatchEvent[]> {
    const url = `${controller.rest}${collection}?watch=true&resourceVersion=${from}&timeoutSeconds=200`
    const answer = await fetch(url, { headers: { authorization: `Bearer ${controller.token}` } })
    const events: WatchEvent[] = []
    let rest = ''
    for await (const chunk of answer.body!.pipeThrough(new TextDecoderStream())) {
      const lines = (rest + chunk).split('\n')
      rest = lines.pop()!
      events.push(...lines.filter((line) => line !== '').map((line) => JSON.parse(line) as WatchEvent))
      if (Number(events.at(-1)?.object.metadata.resourceVersion ?? 0) >= last) break
    }
    return events
  }

  /** Replays the counter and every own object from the diffs of single revisions, and compares with what is stored. */
  async function expectDiffsToSumUp(first: number, last: number): Promise<void> {
    const ports = new Map<string, unknown>()
    for (let revision = first; revision <= last; revision++) {
      const { body } = await controller.call('GET', `/apis/fairlead.io/v1/revisions/${revision}/diff`)
      for (const change of (body as { changes: Change[] }).changes) {
        const port = change.fields.find((field) => field.path === 'spec.ports[0].number')
        const whole = change.fields.find((field) => ['', 'spec', 'spec.ports'].includes(field.path))
        if (port !== undefined) ports.set(change.name, port.to)
        else if (whole !== undefined) ports.set(change.name, JSON.stringify(whole.to).match(/"number":(\d+)/)?.[1])
      }
    }
    const { body } = await controller.call('GET', collection)
    const stored = (body as { items: { metadata: { name: string } }[] }).items
    expect(stored).toHaveLength(writers + 1)
    for (const item of stored)
      expect([item.metadata.name, Number(ports.get(item.metadata.name))]).toEqual([item.metadata.name, portOf(item)])
  }
})

function serviceEntry(name: string, count: number, resourceVersion?: string): object {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name, ...(resourceVersion === undefined ? {} : { resourceVersion }) },
    spec: {
      hosts: [`${name}.example.com`],
      ports: [{ number: 1 + count, name: 'http', protocol: 'HTTP' }],
      resolution: 'STATIC',
      endpoints: [{ address: '127.0.0.1' }],
    },
  }
}

function portOf(body: unknown): number {
  return (body as { spec: { ports: { number: number }[] } }).spec.ports[0]!.number
}

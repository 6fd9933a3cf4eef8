import { readFile, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import {
  findPostgres,
  type PostgresServer,
  startPostgres,
  tempFolder,
  type TempFolder,
  waitFor,
} from '@fairlead/testkit'
import { type Agent, type App, type Controller, fairlead, startAgent, startApp, startController } from './fleet.js'
import { reviewsMesh, reviewsRoutes, reviewsUrl } from './reviews.js'
import { get, Traffic } from './traffic.js'

const hostAddress = '127.0.22.1'
const postgresBin = await findPostgres()
const stores = ['PGlite', ...(postgresBin === null ? [] : ['PostgreSQL'])]

describe.each(stores)('a mesh on %s whose processes are killed', (store) => {
  let folder: TempFolder
  let postgres: PostgresServer | null = null
  let controller: Controller
  let app: App
  let reviews: Agent
  let client: Agent

  beforeAll(async () => {
    folder = await tempFolder('crash')
    if (store === 'PostgreSQL') postgres = await startPostgres(postgresBin!)
    controller = await start()
    app = await startApp('v1', hostAddress)
    await controller.call('POST', '/apis/fairlead.io/v1/apply?namespace=default', reviewsMesh(app.port, 100, 0))
    reviews = await startAgent({
      ...common('reviews'),
      address: hostAddress,
      labels: 'app=reviews,version=v1',
      inbound: [`${hostAddress}:15006=${hostAddress}:${app.port}`],
    })
    client = await startClient()
    await waitFor('the service to be served', async () => (await get(client.outbound, reviewsUrl)).status === 200)
  }, 120_000)

  afterAll(async () => {
    const processes = [reviews?.process, client?.process, controller?.process].filter((child) => child !== undefined)
    processes.forEach((child) => child.kill())
    await Promise.all(processes.map((child) => child.exited))
    await app?.close()
    await postgres?.stop()
    await folder?.remove()
  })

  function common(name: string) {
    return { name, stateDir: folder.path, grpc: controller.grpc, joinTokenFile: controller.joinTokenFile }
  }

  const startClient = () => startAgent({ ...common('client'), outbound: '127.0.0.1:0' })

  function start(env: NodeJS.ProcessEnv = {}): Promise<Controller> {
    const port = (address: string | undefined) => (address === undefined ? 0 : Number(address.split(':').pop()))
    return startController({
      stateDir: folder.path,
      restPort: port(controller?.rest),
      grpcPort: port(controller?.grpc),
      env,
      ...(postgres === null ? {} : { databaseUrl: postgres.url }),
    })
  }

  it('loses no acknowledged revision and no request when the controller is killed during writes', async () => {
    const traffic = new Traffic(client.outbound, reviewsUrl)
    const acknowledged: number[] = []
    let writing = true
    const writer = (async () => {
      for (let n = 0; writing; n++) {
        const path = `/apis/fairlead.io/v1/apply?namespace=default&message=write-${n}`
        const answer = await controller.call('POST', path, reviewsRoutes(100 + n, 0)).catch(() => null)
        if (answer?.status !== 200) return
        acknowledged.push((answer.body as { revision: number }).revision)
      }
    })()
    await waitFor('20 acknowledged writes', () => acknowledged.length >= 20, 30_000)
    controller.process.kill('SIGKILL')
    await controller.process.exited
    writing = false
    await writer
    await waitFor('requests without a controller', () => traffic.count > 1000, 30_000)

    controller = await start()
    const list = await controller.call('GET', '/apis/fairlead.io/v1/revisions?limit=500')
    const revisions = (list.body as { items: { revision: number; message: string }[] }).items
    const numbers = revisions.map((revision) => revision.revision).sort((a, b) => a - b)
    expect(numbers).toEqual(Array.from({ length: numbers.length }, (_, index) => numbers[0]! + index))
    expect(numbers).toEqual(expect.arrayContaining(acknowledged))
    // The newest revision is whole: its resources are those that its message announces.
    const newest = revisions.find((revision) => revision.revision === numbers.at(-1))!
    const virtualService = await controller.call(
      'GET',
      '/apis/networking.istio.io/v1/namespaces/default/virtualservices/reviews',
    )
    expect(JSON.stringify(virtualService.body)).toContain(`"weight":${100 + Number(newest.message.split('-')[1])}`)

    const waited = await fairlead(controller, ['wait', '--revision', 'head', '--timeout', '30s'])
    expect(waited).toMatchObject({ code: 0 })
    const before = traffic.count
    await waitFor('requests after the return', () => traffic.count > before + 500, 30_000)
    expect((await traffic.stop()).failures).toEqual([])
  }, 120_000)

  it('starts an agent from its last-known-good while the controller is away', async () => {
    controller.process.kill('SIGKILL')
    await controller.process.exited
    client.process.kill('SIGKILL')
    await client.process.exited
    client = await startClient()
    await waitFor('traffic from disk', async () => (await get(client.outbound, reviewsUrl)).status === 200)
    const info = (await (await fetch(`http://${client.admin}/server_info`)).json()) as { config: { source?: string } }
    expect(info.config.source).toBe('disk')
  })

  it('detects a flipped byte in the store file, says so, and starts without config', async () => {
    client.process.kill('SIGKILL')
    await client.process.exited
    const agents = join(folder.path, 'agents')
    const own = (await readdir(agents)).find((name) => name.includes('client'))!
    const file = join(agents, own, 'snapshot')
    const bytes = await readFile(file)
    const middle = Math.floor(bytes.length / 2)
    bytes[middle] = bytes[middle]! ^ 1
    await writeFile(file, bytes)
    client = await startClient()
    expect(client.process.log.map((line) => line.msg)).toContain('last-known-good config is damaged: starting empty')
    expect((await fetch(`http://${client.admin}/healthz/ready`)).status).toBe(503)

    controller = await start()
    await waitFor('config from the controller', async () => (await get(client.outbound, reviewsUrl)).status === 200)
  })
})

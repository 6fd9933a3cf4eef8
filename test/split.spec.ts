import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { tempFolder, type TempFolder, waitFor } from '@fairlead/testkit'
import { type Agent, type App, type Controller, fairlead, startAgent, startApp, startController } from './fleet.js'
import { reviewsMesh, reviewsRoutes, reviewsUrl } from './reviews.js'
import { get, Traffic } from './traffic.js'

/** Each host has an address of its own on loopback, and the same ports as every other, as real machines do. */
const hostAddress = (index: number) => `127.0.21.${index + 1}`

describe('a mesh of four agents', () => {
  let folder: TempFolder
  let controller: Controller
  let client: Agent
  const apps: App[] = []
  const agents: Agent[] = []

  beforeAll(async () => {
    folder = await tempFolder('split')
    controller = await startController({ stateDir: folder.path })
    for (const [index, version] of ['v1', 'v1', 'v2'].entries()) {
      apps.push(await startApp(version, hostAddress(index), apps[0]?.port))
    }
    await controller.call('POST', '/apis/fairlead.io/v1/apply?namespace=default', reviewsMesh(apps[0]!.port, 95, 5))
    for (const [index, version] of ['v1', 'v1', 'v2'].entries()) agents.push(await startReviews(index, version))
    client = await startAgent({ ...common('client'), outbound: '127.0.0.1:0' })
    agents.push(client)
    await waitFor('the split to be served', async () => (await get(client.outbound, reviewsUrl)).status === 200)
    await fairlead(controller, ['wait', '--revision', 'head', '--timeout', '20s'])
  }, 90_000)

  afterAll(async () => {
    agents.forEach((agent) => agent.process.kill())
    controller?.process.kill()
    await Promise.all([...agents.map((agent) => agent.process.exited), controller?.process.exited])
    await Promise.all(apps.map((app) => app.close()))
    await folder?.remove()
  })

  function common(name: string) {
    return { name, stateDir: folder.path, grpc: controller.grpc, joinTokenFile: controller.joinTokenFile }
  }

  async function startReviews(index: number, version: string): Promise<Agent> {
    const address = hostAddress(index)
    return startAgent({
      ...common(`reviews-${index}`),
      address,
      labels: `app=reviews,version=${version}`,
      inbound: [`${address}:15006=${address}:${apps[index]!.port}`],
    })
  }

  it('splits real requests 95/5', async () => {
    const traffic = new Traffic(client.outbound, reviewsUrl)
    await waitFor('4000 requests', () => traffic.count >= 4000, 30_000)
    const { answers, failures } = await traffic.stop()
    expect(failures).toEqual([])
    const total = answers.v1! + answers.v2!
    const standardError = Math.sqrt((0.95 * 0.05) / total)
    expect(Math.abs(answers.v1! / total - 0.95)).toBeLessThan(5 * standardError)
  })

  it('follows a change made by the command line, without a failed request', async () => {
    const traffic = new Traffic(client.outbound, reviewsUrl)
    await waitFor('traffic', () => traffic.count > 100)
    await controller.call('POST', '/apis/fairlead.io/v1/apply?namespace=default', reviewsRoutes(0, 100))
    const waited = await fairlead(controller, ['wait', '--revision', 'head', '--timeout', '20s'])
    expect(waited).toMatchObject({ code: 0 })
    const during = traffic.take()
    await waitFor('traffic under the new revision', () => traffic.count > 200)
    const after = await traffic.stop()
    expect([...during.failures, ...after.failures]).toEqual([])
    // What was under way when the tables were swapped finished on the old ones: at most one request a connection.
    expect(after.answers.v1 ?? 0).toBeLessThanOrEqual(4)
    expect(after.answers.v2).toBeGreaterThan(100)
  })

  it('withdraws a drained endpoint and brings it back, without a failed request', async () => {
    await controller.call('POST', '/apis/fairlead.io/v1/apply?namespace=default', reviewsRoutes(50, 50))
    await fairlead(controller, ['wait', '--revision', 'head', '--timeout', '20s'])
    const traffic = new Traffic(client.outbound, reviewsUrl)
    await waitFor('traffic', () => traffic.count > 100)
    expect(await fairlead(controller, ['agents', 'drain', 'reviews-0'])).toMatchObject({ code: 0 })
    expect(await fairlead(controller, ['agents', 'drain', 'reviews-1'])).toMatchObject({ code: 0 })
    // Both hosts of v1 are out: nothing is left of that subset, and its half of the requests says so.
    await waitFor('no healthy v1', async () => (await get(client.outbound, reviewsUrl)).body === 'no healthy upstream')
    traffic.take()
    expect(await fairlead(controller, ['agents', 'undrain', 'reviews-0'])).toMatchObject({ code: 0 })
    await waitFor('v1 again', async () => (await get(client.outbound, reviewsUrl)).body === 'v1')
    traffic.take()
    await waitFor('traffic', () => traffic.count > 200)
    expect((await traffic.stop()).failures).toEqual([])
  })
})

import { afterEach, expect, describe, it } from '@jest/globals'
import type { Resource } from '@fairlead/core/resources'
import { waitFor } from '@fairlead/testkit'
import { CoreMeshCompiler } from './core-mesh-compiler.js'
import { TestAgent } from './testdata/agent.js'
import { startController, type TestController } from './testdata/controller.js'

const AGENTS = 200
const APPLIES = 10
const SERVICES = 20
const TIMEOUT_MS = 120_000

let controller: TestController
let agents: TestAgent[] = []

afterEach(async () => {
  for (const agent of agents) agent.kill()
  await controller.close()
})

/** A mesh of services whose instances are the agents, with one canary whose weights move. */
function mesh(weight: number): Resource[] {
  const metadata = (name: string) => ({ name, namespace: 'default', creationTimestamp: '2026-11-24T00:00:00Z' })
  const services = Array.from({ length: SERVICES }, (_, i) => ({
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: metadata(`s${i}`),
    spec: {
      hosts: [`s${i}.default.svc.cluster.local`],
      ports: [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 8080 }],
      resolution: 'STATIC',
      location: 'MESH_INTERNAL',
      workloadSelector: { labels: { app: `s${i}` } },
    },
  }))
  const destinations = [
    { destination: { host: 's0.default.svc.cluster.local' }, weight: 100 - weight },
    { destination: { host: 's1.default.svc.cluster.local' }, weight },
  ]
  const canary = {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: metadata('canary'),
    spec: { hosts: ['s0.default.svc.cluster.local'], http: [{ route: destinations }] },
  }
  return [...services, canary]
}

describe('a fleet of 200 agents', () => {
  it(
    'takes over each of 10 revisions, and each endpoint, by delta',
    async () => {
      controller = await startController({ compiler: new CoreMeshCompiler({ meshDomain: 'svc.cluster.local' }) })
      controller.head.commit(...mesh(5))
      const joined = await timed(async () => {
        agents = Array.from({ length: AGENTS }, (_, i) => {
          return new TestAgent(controller.port, { name: `a${i}`, labels: { app: `s${i % SERVICES}` } })
        })
        await everyone()
      })

      const applies: Cost[] = []
      for (let weight = 6; weight < 6 + APPLIES; weight++) {
        controller.head.commit(...mesh(weight))
        applies.push(await timed(everyone))
      }
      // Only the routes of port 80 have changed.
      expect(agents[7]!.updates.at(-1)!.changed.map(({ key }) => key)).toEqual(['routes/80'])

      const drained = await timed(async () => {
        await controller.registry.drain('default/a3', 'operator')
        await everyone()
      })
      expect(agents[7]!.updates.at(-1)!.changed.map(({ key }) => key)).toEqual([
        'endpoints/outbound|80||s3.default.svc.cluster.local',
      ])
      applies.sort((a, b) => a.wallMs - b.wallMs)
      const figures = { joined, medianApply: applies[APPLIES / 2], worstApply: applies.at(-1), drained }
      // Reported, not asserted: this machine has other things to do.
      process.stderr.write(`convergence of ${AGENTS} agents: ${JSON.stringify(figures)}\n`)
    },
    TIMEOUT_MS,
  )
})

/** Every agent has acknowledged the newest state, and the controller knows. */
async function everyone(): Promise<void> {
  const isDone = () => {
    const states = controller.registry.list()
    return states.length === AGENTS && states.every(({ status }) => status?.sync === 'SYNCED')
  }
  // No promise about time: a busy machine takes long.
  await waitFor('every agent to be in sync', isDone, TIMEOUT_MS)
}

interface Cost {
  readonly wallMs: number
  /** Of the controller and of all agents, which share this process. */
  readonly cpuMs: number
}

async function timed(work: () => Promise<void>): Promise<Cost> {
  const startMs = performance.now()
  const startCpu = process.cpuUsage()
  await work()
  const { user, system } = process.cpuUsage(startCpu)
  return { wallMs: Math.round(performance.now() - startMs), cpuMs: Math.round((user + system) / 1000) }
}

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { freePort } from './free-port.js'
import type { Child, ProcessTree } from './process-tree.js'

export interface RunningController {
  readonly server: string
  readonly token: string
  readonly tokenFile: string
  readonly grpc: string
  readonly joinTokenFile: string
  /** False: another port than the default, so that commands have to name it. */
  readonly isOnDefaultPort: boolean
}

export interface ClientAgent {
  readonly child: Child
  readonly outboundPort: number
  readonly adminPort: number
}

/** Each instance of reviews is a host of its own: a loopback address. */
export const INSTANCES = [
  { name: 'demo-reviews-v1-a', host: '127.0.0.11', version: 'v1' },
  { name: 'demo-reviews-v1-b', host: '127.0.0.12', version: 'v1' },
  { name: 'demo-reviews-v2-a', host: '127.0.0.13', version: 'v2' },
] as const
export const CLIENT_NAME = 'demo-client'
export const AGENT_NAMES: readonly string[] = [...INSTANCES.map(({ name }) => name), CLIENT_NAME]

/** As examples/canary/service-entry.yaml has it. */
export const REVIEWS_PORT = 9080

const CONTROLLER = script('../../controller/bin/fairlead-controller.js')
const AGENT = script('../../agent/bin/fairlead-agent.js')
const DEMO = script('../bin/fairlead-demo.js')

type Say = (text: string) => void

export async function startController(tree: ProcessTree, stateDir: string, say: Say): Promise<RunningController> {
  const rest = await port('the REST API', 8080, say)
  const grpc = await port("the agents' gRPC", 15012, say)
  const listen = ['--listen', `127.0.0.1:${rest}`, '--grpc-listen', `127.0.0.1:${grpc}`]
  const child = tree.start('controller', CONTROLLER, ['start', ...listen, '--state-dir', stateDir])
  const line = await child.ready('controller ready')
  const tokenFile = String(line['tokenFile'])
  return {
    server: String(line['rest']),
    token: readFileSync(tokenFile, 'utf8').trim(),
    tokenFile,
    grpc: String(line['grpc']),
    joinTokenFile: String(line['joinTokenFile']),
    isOnDefaultPort: rest === 8080,
  }
}

/** The applications. @returns the port that each listens on, on its own host. */
export async function startServices(tree: ProcessTree, say: Say): Promise<number> {
  const hosts = INSTANCES.map(({ host }) => host)
  const servicePort = await port('reviews', REVIEWS_PORT, say, hosts)
  const services = INSTANCES.map(({ name, host, version }) =>
    tree
      .start(`${name}-service`, DEMO, ['service', version, host, String(servicePort)], { ipc: true })
      .ready('service ready'),
  )
  await Promise.all(services)
  return servicePort
}

/** The agents of the instances, and one for the client. */
export async function startAgents(
  tree: ProcessTree,
  controller: RunningController,
  stateDir: string,
  servicePort: number,
  say: Say,
): Promise<ClientAgent> {
  const hosts = INSTANCES.map(({ host }) => host)
  const inboundPort = await port("the agents' inbound", 15006, say, hosts)
  const outboundPort = await port("the client agent's outbound", 15001, say)
  const adminPort = await port("the client agent's admin", 15000, say)
  const common = [
    ...['--controller', controller.grpc, '--token-file', controller.joinTokenFile, '--namespace', 'default'],
    ...['--state-dir', stateDir, '--health', 'none', '--metrics', 'none'],
  ]
  const instances = INSTANCES.map(({ name, host, version }) => {
    const inbound = `${host}:${inboundPort}=${host}:${servicePort}`
    const own = ['--name', name, '--labels', `app=reviews,version=${version}`, '--address', host, '--inbound', inbound]
    return tree.start(name, AGENT, [...common, ...own, '--admin', 'none']).ready('agent ready')
  })
  const child = tree.start(CLIENT_NAME, AGENT, [
    ...common,
    ...['--name', CLIENT_NAME, '--labels', 'app=client', '--address', '127.0.0.1'],
    ...['--outbound', `127.0.0.1:${outboundPort}`, '--admin', `127.0.0.1:${adminPort}`],
  ])
  await Promise.all([...instances, child.ready('agent ready')])
  return { child, outboundPort, adminPort }
}

async function port(what: string, preferred: number, say: Say, hosts?: readonly string[]): Promise<number> {
  const found = await freePort(preferred, hosts)
  if (found !== preferred) say(`port ${preferred} is busy: ${what} is on ${found} instead`)
  return found
}

function script(path: string): string {
  return fileURLToPath(new URL(path, import.meta.url))
}

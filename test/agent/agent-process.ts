import { request, type IncomingHttpHeaders } from 'node:http'
import { connect } from 'node:net'
import { join, resolve } from 'node:path'
import { startNode, type Child, type LogLine } from '@fairlead/testkit'

const script = resolve(import.meta.dirname, '../../apps/agent/bin/fairlead-agent.js')
const running = new Set<Child>()

/** The agent's binary, as a user would start it. */
export function startAgentProcess(...args: readonly string[]): Child {
  const child = startNode(script, args)
  running.add(child)
  void child.exited.then(() => running.delete(child))
  return child
}

/** Ends what a test left running. */
export async function killAgents(): Promise<void> {
  const left = [...running]
  left.forEach((child) => child.kill())
  await Promise.all(left.map((child) => child.exited))
}

/** Where it listens, once it does. */
export async function ready(child: Child): Promise<LogLine & { readonly outbound: string; readonly admin: string }> {
  const line = await child.line('agent ready', ({ msg }) => msg === 'agent ready')
  return { ...line, outbound: String(line['outbound']), admin: String(line['admin']) }
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

/** One request on a connection of its own. `address` is `IP:PORT`. */
export function call(address: string, host: string, path = '/', method = 'GET'): Promise<Answer> {
  const [ip, port] = address.split(':')
  return new Promise((resolve, reject) => {
    const sent = request({ host: ip, port, path, method, headers: { host }, agent: false }, (response) => {
      let body = ''
      response.setEncoding('utf8').on('data', (chunk: string) => (body += chunk))
      response.on('end', () => resolve({ status: response.statusCode!, headers: response.headers, body }))
      response.on('error', reject)
    })
    sent.on('error', reject)
    sent.end()
  })
}

/** Whether nobody listens at `IP:PORT`. */
export function refuses(address: string): Promise<boolean> {
  const [host, port] = address.split(':')
  return new Promise((resolve) => {
    const socket = connect(Number(port), host)
    socket.once('connect', () => resolve(false)).once('error', () => resolve(true))
    socket.once('connect', () => socket.destroy())
  })
}

/** One request to the admin server. */
export async function admin(address: string, path: string, method = 'GET'): Promise<Answer> {
  return call(address, 'localhost', path, method)
}

export function fileOf(stateDir: string, agent: string, name: string): string {
  return join(stateDir, 'agents', agent, name)
}

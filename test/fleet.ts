import { mkdir, readFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { join, resolve } from 'node:path'
import { type Child, startNode } from '@fairlead/testkit'

const root = resolve(import.meta.dirname, '..')
const bin = {
  controller: join(root, 'apps/controller/bin/fairlead-controller.js'),
  agent: join(root, 'apps/agent/bin/fairlead-agent.js'),
  cli: join(root, 'apps/cli/bin/fairlead.js'),
}

export interface Controller {
  readonly process: Child
  readonly rest: string
  readonly grpc: string
  readonly joinTokenFile: string
  readonly token: string
  /** A REST call with the first API token; a body that is a string is YAML. */
  call(method: string, path: string, body?: unknown): Promise<{ status: number; body: unknown }>
}

export interface ControllerOptions {
  readonly stateDir: string
  readonly databaseUrl?: string
  /** Ports of an earlier start, so that agents find it again. */
  readonly restPort?: number
  readonly grpcPort?: number
  readonly env?: NodeJS.ProcessEnv
}

/** A controller process on free ports (or the given ones), ready to serve. */
export async function startController(options: ControllerOptions): Promise<Controller> {
  await mkdir(options.stateDir, { recursive: true })
  const child = startNode(
    bin.controller,
    [
      'start',
      ...['--listen', `127.0.0.1:${options.restPort ?? 0}`],
      ...['--grpc-listen', `127.0.0.1:${options.grpcPort ?? 0}`],
      ...['--state-dir', options.stateDir],
      ...(options.databaseUrl === undefined ? [] : ['--database-url', options.databaseUrl]),
    ],
    // The discovery entry goes into the test's folder, not into the machine's.
    { STATE_DIRECTORY: options.stateDir, ...options.env },
  )
  const ready = await child.line('controller ready', (line) => line.msg === 'controller ready', 60_000)
  const rest = String(ready.rest)
  const token = (await readFile(String(ready.tokenFile), 'utf8')).trim()
  return {
    process: child,
    rest,
    grpc: String(ready.grpc),
    joinTokenFile: String(ready.joinTokenFile),
    token,
    call: async (method, path, body) => {
      const isYaml = typeof body === 'string'
      const answer = await fetch(rest + path, {
        method,
        headers: {
          authorization: `Bearer ${token}`,
          ...(body === undefined ? {} : { 'content-type': isYaml ? 'application/yaml' : 'application/json' }),
        },
        ...(body === undefined ? {} : { body: isYaml ? body : JSON.stringify(body) }),
      })
      const text = await answer.text()
      return { status: answer.status, body: text.startsWith('{') || text.startsWith('[') ? JSON.parse(text) : text }
    },
  }
}

export interface AgentOptions {
  readonly name: string
  readonly stateDir: string
  readonly grpc: string
  readonly joinTokenFile: string
  readonly address?: string
  readonly labels?: string
  readonly inbound?: readonly string[]
  readonly outbound?: string
  readonly extra?: readonly string[]
  readonly env?: NodeJS.ProcessEnv
}

export interface Agent {
  readonly process: Child
  /** `127.0.0.1:PORT` of the outbound listener, when one was asked for. */
  readonly outbound: string
  readonly admin: string
}

export async function startAgent(options: AgentOptions): Promise<Agent> {
  const child = startNode(
    bin.agent,
    [
      ...['--controller', options.grpc, '--token-file', options.joinTokenFile],
      ...['--name', options.name, '--namespace', 'default', '--state-dir', options.stateDir],
      ...['--labels', options.labels ?? `app=${options.name}`],
      ...['--address', options.address ?? '127.0.0.1'],
      ...(options.inbound ?? []).flatMap((spec) => ['--inbound', spec]),
      ...(options.outbound === undefined ? [] : ['--outbound', options.outbound]),
      ...['--admin', '127.0.0.1:0', '--health', '127.0.0.1:0', '--metrics', '127.0.0.1:0'],
      ...(options.extra ?? []),
    ],
    options.env,
  )
  const ready = await child.line('agent ready', (line) => line.msg === 'agent ready', 30_000)
  return { process: child, outbound: String(ready.outbound), admin: String(ready.admin) }
}

/** Runs the command line to its end, against the given controller. */
export async function fairlead(
  controller: Controller,
  args: readonly string[],
): Promise<{ code: number | NodeJS.Signals; stdout: string; stderr: string }> {
  const child = startNode(bin.cli, args, { FAIRLEAD_SERVER: controller.rest, FAIRLEAD_TOKEN: controller.token })
  const code = await child.exited
  return { code, stdout: child.stdout(), stderr: child.stderr() }
}

export interface App {
  readonly port: number
  readonly server: Server
  close(): Promise<void>
}

/** An application that answers every request with its version; port 0 takes a free one. */
export async function startApp(version: string, address = '127.0.0.1', port = 0): Promise<App> {
  const server = createServer((request, response) => {
    request.resume()
    response.setHeader('x-version', version).end(version)
  })
  await new Promise<void>((done) => server.listen(port, address, done))
  return {
    port: (server.address() as AddressInfo).port,
    server,
    close: () =>
      new Promise((done) => {
        server.close(() => done())
        server.closeAllConnections()
      }),
  }
}

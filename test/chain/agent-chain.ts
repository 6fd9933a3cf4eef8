import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, tempFolder } from '@fairlead/testkit'
import { ready, startAgentProcess } from '../agent/agent-process.js'
import type { ExpectedRequest } from './expected-requests.js'
import { startRecordingServer, type RecordingServer } from './recording-server.js'

/** Where requests come in, and the server that must see nothing else than what clients framed. */
export interface Chain {
  readonly port: number
  readonly last: RecordingServer
  /** The status with which it answers by itself what the codec lets pass, or null. */
  localStatus(request: ExpectedRequest): number | null
  stop(): Promise<void>
}

/** How requests enter the first agent: its bind stands for one service, its gateway for every Host. */
export type Entrance = 'bind' | 'gateway'

/** Client -> agent -> agent -> recording server, the agents as processes. */
export async function startAgentChain(entrance: Entrance): Promise<Chain> {
  const folder = await tempFolder('chain')
  const last = await startRecordingServer()
  const second = await startInboundAgent(folder.path, last.port)
  const port = await freePort()
  const path = join(folder.path, 'first.yaml')
  writeFileSync(path, service(second.port) + (entrance === 'gateway' ? gateway(port) : ''))
  const args =
    entrance === 'gateway'
      ? ['--role', 'gateway', '--labels', 'app=edge']
      : ['--outbound-bind', `127.0.0.1:${port}=last:80`]
  const first = startAgentProcess('--mesh', path, ...args)
  await ready(first)
  return {
    port,
    last,
    localStatus: ({ method, target, host }) => {
      if (method === 'TRACE' && entrance === 'gateway') return 405
      // Routes match paths, and an asterisk is none.
      if (target === '*') return 404
      // Of HTTP/1.0, which needs no Host: only the bind knows another one.
      return host === '' && entrance === 'gateway' ? 400 : null
    },
    stop: async () => {
      first.kill()
      second.kill()
      await first.exited
      await last.close()
      await folder.remove()
    },
  }
}

/** An agent in front of the application on `applicationPort`. */
export async function startInboundAgent(folder: string, applicationPort: number) {
  const port = await freePort()
  const path = join(folder, 'second.yaml')
  writeFileSync(path, service(applicationPort))
  const agent = startAgentProcess('--mesh', path, '--inbound', `127.0.0.1:${port}=127.0.0.1:${applicationPort}`)
  await ready(agent)
  return { port, kill: () => agent.kill() }
}

function service(port: number): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: last }
spec:
  hosts: [last.default.svc.cluster.local]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: 127.0.0.1, ports: { http: ${port} } }]
`
}

function gateway(port: number): string {
  return `---
apiVersion: networking.istio.io/v1
kind: Gateway
metadata: { name: edge }
spec:
  selector: { app: edge }
  servers: [{ port: { number: ${port}, name: http, protocol: HTTP }, bind: 127.0.0.1, hosts: ['*'] }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: last }
spec:
  hosts: ['*']
  gateways: [edge]
  http: [{ route: [{ destination: { host: last } }] }]
`
}

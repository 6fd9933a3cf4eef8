import { writeFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { startProgram, tempFolder, type Child, type TempFolder } from '@fairlead/testkit'
import { openPingPong, serveExchange, type WireExchange } from './ping-pong.js'

const agentScript = resolve(import.meta.dirname, '../../apps/agent/bin/fairlead-agent.js')
const probe = resolve(import.meta.dirname, 'heap-probe.js')
const host = 'reviews.default.svc.cluster.local'

/** What the first requests allocate for good: pools, tables, code. */
const WARM_UP_REQUESTS = 2_000
/** Enough that what goes on beside them, timers and the probe itself, is a few bytes a request. */
const REQUESTS = 4_000
/** All that is allocated while it is measured fits, so that no collection comes between. */
const SEMI_SPACE_MIB = 64
/** Smaller than nearly any object (a closure has 64 bytes, `{ a }` 32); more than twice what runs differ by. */
const TOLERANCE_BYTES = 24
/** What V8 allocates by itself changes from one line to the next, so the figures hold for one. */
const MEASURED_ON_NODE = '20'
const onThatNode = process.versions.node.startsWith(`${MEASURED_ON_NODE}.`) ? it : it.skip

interface Case extends WireExchange {
  readonly name: string
  /** As last measured. Lower it with the change that makes it less, so that nothing is added in its shade. */
  readonly bytesPerRequest: number
}

const cases: readonly Case[] = [
  {
    name: 'GET',
    bytesPerRequest: 2726,
    request: `GET /reviews/1 HTTP/1.1\r\nhost: ${host}\r\naccept: */*\r\nuser-agent: gate\r\n\r\n`,
    requestEnd: '\r\n\r\n',
    response: `HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 128\r\n\r\n${'x'.repeat(127)}~`,
    responseEnd: '~',
  },
  {
    name: 'POST with a body',
    bytesPerRequest: 2980,
    request: `POST /reviews HTTP/1.1\r\nhost: ${host}\r\ncontent-length: 128\r\n\r\n${'x'.repeat(127)}~`,
    requestEnd: '~',
    response: 'HTTP/1.1 201 Created\r\ncontent-length: 1\r\n\r\n~',
    responseEnd: '~',
  },
  {
    name: 'GET with a chunked answer',
    bytesPerRequest: 2518,
    request: `GET /reviews/1 HTTP/1.1\r\nhost: ${host}\r\n\r\n`,
    requestEnd: '\r\n\r\n',
    response: `HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n40\r\n${'x'.repeat(64)}\r\n0\r\n\r\n`,
    responseEnd: '0\r\n\r\n',
  },
]

/**
 * Time on a shared machine tells nothing of a change; what is allocated does not depend on it. The agent is the real
 * process with real sockets, timeout, retries and counters. It runs interpreted: what the optimising compiler makes of a
 * function differs from run to run by more than a small object. So the figures are no measure of memory (compiled, it is
 * about a quarter), but one more object a request shows in each of them.
 */
describe('what a request allocates in the agent', () => {
  let folder: TempFolder
  let agent: Child | null = null

  beforeEach(async () => {
    folder = await tempFolder('gate')
  })
  afterEach(async () => {
    agent?.kill()
    await agent?.exited
    await folder.remove()
  })

  onThatNode.each(cases)(
    '$name: at most $bytesPerRequest bytes',
    async ({ bytesPerRequest, ...exchange }) => {
      const upstream = await serveExchange(exchange)
      writeFileSync(join(folder.path, 'mesh.yaml'), mesh(upstream.port))
      agent = startAgent(folder.path)
      const { outbound } = await agent.line('agent ready', ({ msg }) => msg === 'agent ready')
      const client = await openPingPong(Number(String(outbound).split(':')[1]), exchange)

      await client.run(WARM_UP_REQUESTS)
      // Twice: only a second collection frees what the first one moved from the young generation to the old.
      await readHeap(agent)
      const start = await readHeap(agent)
      await client.run(REQUESTS)
      const end = await readHeap(agent)
      client.close()
      upstream.close()

      expect(end.unforced).toBe(start.unforced)
      const measured = Math.round((end.before - start.after) / REQUESTS)
      expect(measured).toBeLessThanOrEqual(bytesPerRequest + TOLERANCE_BYTES)
    },
    120_000,
  )
})

function startAgent(meshFolder: string): Child {
  const semiSpace = [`--min-semi-space-size=${SEMI_SPACE_MIB}`, `--max-semi-space-size=${SEMI_SPACE_MIB}`]
  const listeners = ['--outbound', '127.0.0.1:0', '--metrics', '127.0.0.1:0']
  const nodeFlags = ['--no-opt', '--expose-gc', ...semiSpace, '--import', probe]
  return startProgram(process.execPath, [...nodeFlags, agentScript, '--mesh', meshFolder, ...listeners])
}

interface HeapFigure {
  /** Bytes allocated and not collected, before and after a collection. */
  readonly before: number
  readonly after: number
  /** Collections so far that nobody asked for. */
  readonly unforced: number
}

async function readHeap(agent: Child): Promise<HeapFigure> {
  const seen = agent.log.length
  agent.kill('SIGUSR2')
  const line = await agent.line('heap figure', (each) => each.msg === 'heap' && agent.log.indexOf(each) >= seen)
  return { before: Number(line['before']), after: Number(line['after']), unforced: Number(line['unforced']) }
}

function mesh(port: number): string {
  return `apiVersion: networking.istio.io/v1
kind: ServiceEntry
metadata: { name: reviews }
spec:
  hosts: [${host}]
  location: MESH_INTERNAL
  resolution: STATIC
  ports: [{ number: 80, name: http, protocol: HTTP }]
  endpoints: [{ address: 127.0.0.1, ports: { http: ${port} } }]
---
apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: reviews }
spec:
  hosts: [${host}]
  http:
    - match: [{ uri: { prefix: /ratings } }]
      route: [{ destination: { host: ${host} } }]
    - match: [{ uri: { prefix: /reviews } }]
      route: [{ destination: { host: ${host} } }]
      timeout: 15s
      retries: { attempts: 2, retryOn: "connect-failure,refused-stream,503" }
`
}

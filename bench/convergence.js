#!/usr/bin/env node
// npm run bench -- convergence [--agents 10] [--streams 40] [--applies 50] [--database-url URL]
//
// From the acknowledged apply to the last ACK of the fleet: real agent processes, and streams that speak the agent's
// protocol and apply deltas as agents do. After each apply every real agent confirms by answering a request under the new
// revision. The bound is 500 ms for 49 of 50 applies on two cores; the exit code says whether it held.
import { readFileSync } from 'node:fs'
import { request } from 'node:http'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { credentials, Metadata, status } from '@grpc/grpc-js'
import { ConfigServiceClient } from '@fairlead/proto'
import { applyDelta } from '@fairlead/core/snapshot'
import { startNode, tempFolder, waitFor } from '@fairlead/testkit'

const boundMs = 500
const { values } = parseArgs({
  options: {
    agents: { type: 'string', default: '10' },
    streams: { type: 'string', default: '40' },
    applies: { type: 'string', default: '50' },
    'database-url': { type: 'string' },
  },
})
const root = join(import.meta.dirname, '..')
const folder = await tempFolder('convergence')
const processes = []

try {
  const controller = await startController()
  await apply(controller, 0)
  const agents = await startAgents(controller, Number(values.agents))
  const streams = Array.from({ length: Number(values.streams) }, (_, index) => openStream(controller, index))
  const fleet = agents.length + streams.length
  await waitFor('the fleet to be in sync', async () => (await inSync(controller)) === fleet, 60_000)

  const figures = []
  for (let n = 1; n <= Number(values.applies); n++) figures.push(await measure(controller, agents, streams, n))
  streams.forEach((stream) => stream.cancel())
  report(figures, agents.length, streams.length)
} finally {
  processes.forEach((child) => child.kill('SIGTERM'))
  await Promise.all(processes.map((child) => child.exited))
  await folder.remove()
}

/** One apply; milliseconds from its answer to the last ACK, and how many real agents then answered under it. */
async function measure(controller, agents, streams, n) {
  const revision = await apply(controller, n)
  const acknowledged = performance.now()
  const last = await Promise.all([
    ...agents.map(async (agent) => {
      await agent.child.line(`revision ${revision} applied`, (line) => isApplied(line, revision))
      return performance.now()
    }),
    ...streams.map((stream) => stream.acknowledged(revision)),
  ])
  // The controller's own word for it: every ACK has been received and counted.
  await waitFor('every ACK', async () => (await inSync(controller)) === agents.length + streams.length)
  const received = performance.now()
  const confirmed = await Promise.all(agents.map(async (agent) => (await get(agent.outbound)) === String(n)))
  return {
    sentMs: Math.max(...last) - acknowledged,
    receivedMs: received - acknowledged,
    confirmed: confirmed.filter(Boolean).length,
  }
}

function report(figures, agents, streams) {
  const sorted = figures.map((figure) => figure.receivedMs).sort((a, b) => a - b)
  const at = (share) => sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))]
  const within = sorted.filter((ms) => ms < boundMs).length
  const confirmed = figures.every((figure) => figure.confirmed === agents)
  const round = (ms) => Math.round(ms * 10) / 10
  const result = {
    agents,
    streams,
    applies: figures.length,
    within500Ms: within,
    p50Ms: round(at(0.5)),
    p95Ms: round(at(0.95)),
    maxMs: round(sorted.at(-1)),
    lastAckSentP50Ms: round(
      figures.map((figure) => figure.sentMs).sort((a, b) => a - b)[Math.floor(figures.length / 2)],
    ),
    everyRealAgentAnsweredUnderTheNewRevision: confirmed,
  }
  process.stdout.write(JSON.stringify(result, null, 2) + '\n')
  if (within < Math.ceil(figures.length * 0.98) || !confirmed) process.exitCode = 1
}

async function startController() {
  const args = ['start', '--listen', '127.0.0.1:0', '--grpc-listen', '127.0.0.1:0', '--state-dir', folder.path]
  if (values['database-url'] !== undefined) args.push('--database-url', values['database-url'])
  const script = join(root, 'apps/controller/bin/fairlead-controller.js')
  const child = startNode(script, args, { STATE_DIRECTORY: folder.path })
  processes.push(child)
  const ready = await child.line('controller ready', (line) => line.msg === 'controller ready', 60_000)
  const read = (path) => readFileSync(path, 'utf8').trim()
  return { ...ready, token: read(ready.tokenFile), joinToken: read(ready.joinTokenFile) }
}

async function apply(controller, n) {
  const body = `apiVersion: networking.istio.io/v1
kind: VirtualService
metadata: { name: bench }
spec:
  hosts: [bench]
  http: [{ directResponse: { status: 200, body: { string: "${n}" } } }]
`
  const answer = await call(controller, 'POST', `/apis/fairlead.io/v1/apply?namespace=default&message=apply-${n}`, body)
  return answer.revision
}

async function inSync(controller) {
  const { items } = await call(controller, 'GET', '/apis/fairlead.io/v1/agents')
  const head = await call(controller, 'GET', '/apis/fairlead.io/v1/revisions/head')
  return items.filter((agent) => agent.status.sync === 'SYNCED' && agent.status.version.revision === head.revision)
    .length
}

async function call(controller, method, path, body) {
  const headers = { authorization: `Bearer ${controller.token}`, ...(body && { 'content-type': 'application/yaml' }) }
  const answer = await fetch(controller.rest + path, { method, headers, body })
  if (!answer.ok) throw new Error(`${method} ${path}: ${answer.status} ${await answer.text()}`)
  return answer.json()
}

function startAgents(controller, count) {
  return Promise.all(
    Array.from({ length: count }, async (_, index) => {
      const child = startNode(join(root, 'apps/agent/bin/fairlead-agent.js'), [
        ...['--controller', controller.grpc, '--token-file', controller.joinTokenFile],
        ...['--name', `real-${index}`, '--namespace', 'default', '--labels', 'app=bench', '--address', '127.0.0.1'],
        ...[
          '--outbound',
          '127.0.0.1:0',
          '--admin',
          '127.0.0.1:0',
          '--health',
          '127.0.0.1:0',
          '--metrics',
          '127.0.0.1:0',
        ],
        ...['--state-dir', join(folder.path, `real-${index}`)],
      ])
      processes.push(child)
      const ready = await child.line('agent ready', (line) => line.msg === 'agent ready', 60_000)
      return { child, outbound: ready.outbound }
    }),
  )
}

/** An agent without a proxy: says Hello, applies deltas with core's own function, acknowledges. */
function openStream(controller, index) {
  // A connection of its own, as every agent has.
  const options = { 'grpc.use_local_subchannel_pool': 1 }
  const client = new ConfigServiceClient(controller.grpc, credentials.createInsecure(), options)
  const metadata = new Metadata()
  metadata.set('authorization', `Bearer ${controller.joinToken}`)
  const stream = client.streamConfig(metadata)
  const waiting = new Map()
  let snapshot = null
  let acked = 0n
  let ended = false
  stream.on('error', (error) => {
    if (error.code !== status.CANCELLED && !ended) process.stderr.write(`stream ${index}: ${error.message}\n`)
  })
  stream.on('data', ({ message }) => {
    if (message?.$case === 'inventoryRequest') return stream.write(say('inventory', { parts: [] }))
    if (message?.$case !== 'update') return
    const { version, baseHash, hash, changed, removed } = message.value
    const numbers = {
      revision: Number(version.revision),
      overlay: Number(version.overlay),
      endpoints: Number(version.endpoints),
    }
    const parts = changed.map((part) => ({ key: part.key, hash: part.hash, bytes: part.content }))
    snapshot = applyDelta(baseHash === '' ? null : snapshot, {
      version: numbers,
      baseHash,
      hash,
      changed: parts,
      removed,
    })
    stream.write(say('ack', { version, hash }))
    acked = version.revision
    waiting.get(acked)?.(performance.now())
  })
  const node = {
    name: `stream-${index}`,
    namespace: 'default',
    labels: { app: 'bench' },
    role: 'sidecar',
    address: '127.0.0.1',
  }
  stream.write(
    say('hello', {
      node: { ...node, locality: '', inbound: [], workloadGroup: '' },
      instanceEpoch: BigInt(Date.now()),
      version: { revision: 0n, overlay: 0n, endpoints: 0n },
      snapshotHash: '',
      agentVersion: 'bench',
    }),
  )
  return {
    cancel: () => {
      ended = true
      stream.cancel()
      client.close()
    },
    acknowledged: (revision) =>
      acked >= BigInt(revision) ? performance.now() : new Promise((resolve) => waiting.set(BigInt(revision), resolve)),
  }
}

function say($case, value) {
  return { message: { $case, value } }
}

function isApplied(line, revision) {
  return line.msg === 'config applied' && String(line.version).split('.')[0] === String(revision)
}

function get(proxy) {
  const [host, port] = proxy.split(':')
  return new Promise((resolve, reject) => {
    const sent = request(
      { host, port, path: 'http://bench/', headers: { host: 'bench' }, agent: false },
      (response) => {
        let body = ''
        response.on('data', (chunk) => (body += chunk))
        response.once('end', () => resolve(body))
      },
    )
    sent.once('error', reject)
    sent.end()
  })
}

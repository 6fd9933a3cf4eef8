#!/usr/bin/env node
// npm run bench -- connections [--connections 10000] [--cycles 2]
//
// What an idle keep-alive connection costs the agent: resident memory, and heap after a collection, before, with and
// after 10,000 of them, twice over (what the first cycle leaves in pools the second must find). The exit code says
// whether the heap came back to where it was.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { parseArgs } from 'node:util'
import { tempFolder, waitFor } from '@fairlead/testkit'
import { residentBytes } from './harness/process-cpu.js'
import { providePrograms } from './harness/programs.js'
import { printMachine, printTable, printTitle } from './harness/report.js'
import { benchHost } from './peers/bench-mesh.js'
import { startFairlead } from './peers/fairlead.js'
import { startUpstream } from './peers/upstream.js'

/** What the heap may keep: pools that are bounded, and code that was compiled meanwhile. */
const HEAP_LEFT_MAX_BYTES = 2 * 1024 * 1024
/** Descriptors beside the connections: upstream, listeners, Node's own. */
const SPARE_DESCRIPTORS = 500
const { values } = parseArgs({
  options: { connections: { type: 'string', default: '10000' }, cycles: { type: 'string', default: '2' } },
})
const count = Number(values.connections)

requireDescriptors(count + SPARE_DESCRIPTORS)
const programs = await providePrograms(['nginx'])
const folder = await tempFolder('connections')
const servers = []
try {
  const upstream = await startUpstream({ ...programs, folder: folder.path, bodies: [128] })
  servers.push(upstream)
  const probe = join(import.meta.dirname, '../test/gate/heap-probe.js')
  const nodeFlags = ['--expose-gc', '--import', probe]
  const agent = await startFairlead({ folder: folder.path, upstreamPort: upstream.port, nodeFlags })
  servers.push(agent)
  printMachine([`node ${process.versions.node}`])
  await warmUp(agent)
  report(await measure(agent))
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  await folder.remove()
}

function requireDescriptors(needed) {
  const limit = execFileSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8' }).trim()
  if (limit !== 'unlimited' && Number(limit) < needed) {
    throw new Error(
      `${needed} open files are needed, ulimit -n is ${limit}: raise it in this shell, or --connections less`,
    )
  }
}

async function warmUp(agent) {
  const client = await openClient(agent.port, Math.min(500, count))
  await closeClient(client)
}

async function measure(agent) {
  const rows = [{ when: 'before', ...(await memory(agent)) }]
  for (let cycle = 1; cycle <= Number(values.cycles); cycle++) {
    const client = await openClient(agent.port, count)
    rows.push({ when: `${count} idle, cycle ${cycle}`, ...(await memory(agent)) })
    await closeClient(client)
    rows.push({ when: `all gone, cycle ${cycle}`, ...(await memory(agent)) })
  }
  return rows
}

async function openClient(port, connections) {
  const script = join(import.meta.dirname, 'harness/idle-connections.js')
  const args = [script, port, benchHost, '/bytes/128', connections].map(String)
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] })
  const exited = once(child, 'close')
  const line = await Promise.race([once(createInterface({ input: child.stdout }), 'line'), exited])
  const { open } = JSON.parse(typeof line[0] === 'string' ? line[0] : '{}')
  if (open !== connections) throw new Error(`${open ?? 'none'} of ${connections} connections stayed open`)
  return { child, exited }
}

async function closeClient({ child, exited }) {
  child.kill('SIGTERM')
  await exited
}

/** Twice: what hangs on a closed socket is freed in the turn after the collection that found it. */
async function memory(agent) {
  await heapBytes(agent)
  await heapBytes(agent)
  return { heap: await heapBytes(agent), resident: residentBytes(agent.pid) }
}

async function heapBytes(agent) {
  const seen = agent.output().length
  process.kill(agent.pid, 'SIGUSR2')
  const figure = /"msg":"heap","before":\d+,"after":(\d+).*\n/
  const found = await waitFor('the heap figure', () => figure.exec(agent.output().slice(seen)), 30_000)
  return Number(found[1])
}

function report(rows) {
  const mib = (bytes) => (bytes / 2 ** 20).toFixed(1)
  const [before] = rows
  printTitle(`${count} idle keep-alive connections`)
  printTable(
    ['when', 'heap and buffers MiB', 'resident MiB', 'heap KiB per connection', 'resident KiB per connection'],
    rows.map(({ when, heap, resident }) => {
      const each = (bytes) => (when.includes('idle') ? (bytes / count / 1024).toFixed(2) : '')
      return [when, mib(heap), mib(resident), each(heap - before.heap), each(resident - before.resident)]
    }),
  )
  const left = rows.at(-1).heap - before.heap
  process.stdout.write(`left on the heap: ${mib(left)} MiB (at most ${mib(HEAP_LEFT_MAX_BYTES)})\n`)
  if (left > HEAP_LEFT_MAX_BYTES) process.exitCode = 1
}

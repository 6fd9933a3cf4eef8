#!/usr/bin/env node
// npm run bench -- soak [--minutes 10] [--connections 32]
//
// A standalone agent under 70% of the rate at which it saturates (measured first, in a closed loop), while each second
// its mesh file changes and is reloaded: another route, and one endpoint goes and another comes. An endpoint that goes
// is taken out of the file first, and closed when the agent has let it go: that may cost no request. Every tenth one
// dies at once instead; failures within a second of a death are counted apart. Heap plus external memory after a forced
// collection is compared between 30% and 100% of the time. The exit code says whether no request failed unexplained, and
// whether memory at the end is within 5% or 2 MiB of that at 30%.
import { once } from 'node:events'
import { Agent, createServer, request } from 'node:http'
import { renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { serviceAt, tempFolder } from '@fairlead/testkit'
import { startProbedAgent } from './harness/probed-agent.js'

const mib = 1024 * 1024
const endpointCount = 4
const { values } = parseArgs({
  options: { minutes: { type: 'string', default: '10' }, connections: { type: 'string', default: '32' } },
})
const runMs = Number(values.minutes) * 60_000
const connections = Number(values.connections)
const folder = await tempFolder('soak')
const meshFile = join(folder.path, 'mesh.yaml')
const client = new Agent({ keepAlive: true, maxSockets: 4 * connections, scheduling: 'fifo' })
const tally = { answered: 0, failed: 0, explained: 0, failures: [], swaps: 0, comings: 0, deaths: 0, skipped: 0 }
let lastDeathMs = -Infinity
let endpoints = []
let agent = null

try {
  for (let n = 0; n < endpointCount; n++) endpoints.push(await openEndpoint())
  writeMesh()
  agent = await startProbedAgent(meshFile)
  const saturation = await saturate(5_000)
  Object.assign(tally, { answered: 0, failed: 0, explained: 0, failures: [] })
  await soak(saturation * 0.7)
} finally {
  client.destroy()
  endpoints.forEach(({ server }) => server.closeAllConnections())
  endpoints.forEach(({ server }) => server.close())
  agent?.child.kill()
  await agent?.child.exited
  await folder.remove()
}

/** Requests a second of a closed loop. */
async function saturate(forMs) {
  const until = performance.now() + forMs
  const loop = async () => {
    while (performance.now() < until) await call()
  }
  await Promise.all(Array.from({ length: connections }, loop))
  return (tally.answered / forMs) * 1000
}

async function soak(rate) {
  const started = performance.now()
  const marks = []
  const elapsed = () => performance.now() - started
  const changing = (async () => {
    for (let second = 1; elapsed() < runMs; second++) {
      await change(second)
      while (elapsed() < Math.min(second * 1000, runMs)) await delay(20)
    }
  })()
  const measuring = (async () => {
    for (const share of [0.1, 0.3, 0.65]) {
      while (elapsed() < share * runMs) await delay(50)
      marks.push({ share, retained: await agent.child.retainedBytes() })
    }
  })()
  await load(rate, elapsed)
  await Promise.all([changing, measuring])
  marks.push({ share: 1, retained: await agent.child.retainedBytes() })
  report(rate, marks)
}

/** Open loop: what is due is sent, up to a bound of requests under way; what goes beyond is counted as skipped. */
async function load(rate, elapsed) {
  const underWay = new Set()
  for (let sent = 0; elapsed() < runMs; await delay(2)) {
    for (const due = (elapsed() / 1000) * rate; sent < due; sent++) {
      if (underWay.size >= 4 * connections) {
        tally.skipped++
        continue
      }
      const one = call().finally(() => underWay.delete(one))
      underWay.add(one)
    }
  }
  await Promise.all(underWay)
}

async function change(second) {
  const goes = endpoints.shift()
  endpoints.push(await openEndpoint())
  tally.comings++
  const dies = second % 10 === 0
  if (dies) {
    tally.deaths++
    lastDeathMs = performance.now()
    goes.server.closeAllConnections()
    goes.server.close()
  }
  await swap(second)
  if (dies) lastDeathMs = performance.now()
  else void letGo(goes)
}

/** The endpoint closes only when the agent holds no connection to it any more. */
async function letGo({ server, sockets }) {
  while (sockets.size > 0) await delay(20)
  server.close()
}

async function swap(version) {
  const before = agent.child.log.length
  writeMesh(version)
  agent.child.kill('SIGHUP')
  await agent.child.line('a swap', () => agent.child.log.slice(before).some(({ msg }) => msg === 'config applied'))
  tally.swaps++
}

function writeMesh(version = 0) {
  writeFileSync(
    `${meshFile}.new`,
    serviceAt(
      endpoints.map(({ port }) => port),
      version,
    ),
  )
  renameSync(`${meshFile}.new`, meshFile)
}

async function openEndpoint() {
  const server = createServer({ keepAliveTimeout: 0 }, (_, response) => response.end('answer'))
  const sockets = new Set()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return { server, sockets, port: server.address().port }
}

function call() {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port: agent.port, headers: { host: 'svc' }, agent: client }
    const sent = request(options, (response) => {
      response.resume().on('end', () => {
        if (response.statusCode === 200) tally.answered++
        else failed(`status ${response.statusCode}`)
        resolve()
      })
    })
    sent.on('error', (error) => {
      failed(error.message)
      resolve()
    })
    sent.end()
  })
}

function failed(what) {
  if (performance.now() - lastDeathMs < 1000) tally.explained++
  else {
    tally.failed++
    if (tally.failures.length < 20) tally.failures.push(what)
  }
}

function report(rate, marks) {
  const at30 = marks.find(({ share }) => share === 0.3).retained
  const atEnd = marks.at(-1).retained
  const holds = tally.failed === 0 && atEnd - at30 <= Math.max(0.05 * at30, 2 * mib)
  const retainedMiB = Object.fromEntries(marks.map(({ share, retained }) => [`${share * 100}%`, round(retained / mib)]))
  const result = { minutes: runMs / 60_000, rate: Math.round(rate), ...tally, retainedMiB, holds }
  process.stdout.write(JSON.stringify(result, null, 2) + '\n')
  if (!holds) process.exitCode = 1
}

function delay(ms) {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

function round(value) {
  return Math.round(value * 100) / 100
}

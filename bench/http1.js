#!/usr/bin/env node
// npm run bench -- http1 [--rounds 10] [--requests N] [--body 128] [--direction down|up] [--connections 64]
//   [--keep-alive yes|no] [--peers fairlead,nginx,haproxy,envoy,node] [--matrix]
//
// CPU time per request of each proxy process, from /proc, around a fixed number of requests in a closed loop. All peers
// run side by side before the same upstream and take turns (A B C, B C A, ...), so that what else the machine does
// hits them alike; ratios are taken within a round. The bench fails no build: bounds are judged in RESULTS.md.
import { parseArgs } from 'node:util'
import { tempFolder } from '@fairlead/testkit'
import { cpuMicroseconds } from './harness/process-cpu.js'
import { printMachine, printTable, printTitle } from './harness/report.js'
import { median, spread } from './harness/statistics.js'
import { runWrk, writeWrkScript } from './harness/wrk.js'
import { benchHost } from './peers/bench-mesh.js'
import { peerNames, peerVersions, providePeers, startPeers } from './peers/peers.js'
import { startUpstream } from './peers/upstream.js'

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '10' },
    requests: { type: 'string' },
    body: { type: 'string', default: '128' },
    direction: { type: 'string', default: 'down' },
    connections: { type: 'string', default: '64' },
    'keep-alive': { type: 'string', default: 'yes' },
    peers: { type: 'string', default: peerNames.join(',') },
    matrix: { type: 'boolean', default: false },
  },
})
const single = {
  body: Number(values.body),
  direction: values.direction,
  connections: Number(values.connections),
  keepAlive: values['keep-alive'] === 'yes',
}
/** Each axis alone, around the case that the bounds are on: bodies both ways, connections, new connections. */
const matrix = [
  { body: 128, direction: 'down', connections: 64, keepAlive: true },
  { body: 16_384, direction: 'down', connections: 64, keepAlive: true },
  { body: 1_048_576, direction: 'down', connections: 64, keepAlive: true },
  { body: 128, direction: 'up', connections: 64, keepAlive: true },
  { body: 16_384, direction: 'up', connections: 64, keepAlive: true },
  { body: 1_048_576, direction: 'up', connections: 64, keepAlive: true },
  { body: 128, direction: 'down', connections: 1, keepAlive: true },
  { body: 128, direction: 'down', connections: 512, keepAlive: true },
  { body: 16_384, direction: 'down', connections: 512, keepAlive: true },
  { body: 128, direction: 'down', connections: 64, keepAlive: false },
  { body: 16_384, direction: 'up', connections: 64, keepAlive: false },
]
const cases = values.matrix ? matrix : [single]

const folder = await tempFolder('http1')
const provided = await providePeers(values.peers)
const servers = []
try {
  const bodies = [...new Set([128, ...cases.map(({ body }) => body)])]
  const upstream = await startUpstream({ ...provided.programs, folder: folder.path, bodies })
  servers.push(upstream)
  const peers = await startPeers(provided, { folder: folder.path, upstreamPort: upstream.port })
  servers.push(...peers)
  printMachine(peerVersions(provided))
  for (const each of cases) report(each, peers, await measure(each, peers))
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  await folder.remove()
}

/** Microseconds of CPU per request: by peer, one a round. */
async function measure({ body, direction, connections, keepAlive }, peers) {
  const requests = Number(values.requests ?? requestsFor(body, keepAlive))
  const shape = { uploadBytes: direction === 'up' ? body : 0, keepAlive }
  const script = writeWrkScript(folder.path, { ...shape, requests })
  const path = direction === 'up' ? '/upload/' : `/bytes/${body}`
  const load = { wrk: provided.programs.wrk, script, path, host: benchHost, connections }
  for (const peer of peers) await runWrk({ ...load, port: peer.port })

  const figures = new Map(peers.map(({ name }) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    const first = round % peers.length
    for (const peer of [...peers.slice(first), ...peers.slice(0, first)]) {
      const before = cpuMicroseconds(peer.pid)
      const { requests: answered, perSecond } = await runWrk({ ...load, port: peer.port })
      figures.get(peer.name).push({ us: (cpuMicroseconds(peer.pid) - before) / answered, perSecond })
    }
  }
  return figures
}

/** About a second of CPU for the cheapest peer, since the kernel counts in hundredths of one. */
function requestsFor(body, keepAlive) {
  if (body > 100_000) return 1500
  if (!keepAlive) return 20_000
  return body > 4096 ? 40_000 : 60_000
}

function report({ body, direction, connections, keepAlive }, peers, figures) {
  const reuse = keepAlive ? 'keep-alive' : 'a new connection each'
  printTitle(`${body} bytes ${direction}, ${connections} connections, ${reuse}: CPU us per request`)
  const us = (name) => figures.get(name).map((figure) => figure.us)
  const ratio = (name, other) =>
    figures.has(other) ? spread(us(name).map((value, round) => value / us(other)[round])) : '-'
  printTable(
    ['peer', 'median (quartiles)', 'min-max', 'to HAProxy', 'to Envoy', 'requests/s'],
    peers.map(({ name }) => [
      name,
      spread(us(name), 1),
      `${Math.min(...us(name)).toFixed(1)}-${Math.max(...us(name)).toFixed(1)}`,
      ratio(name, 'haproxy'),
      ratio(name, 'envoy'),
      Math.round(median(figures.get(name).map((figure) => figure.perSecond))),
    ]),
  )
}

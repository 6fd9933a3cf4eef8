#!/usr/bin/env node
// npm run bench -- latency [--rounds 5] [--seconds 4] [--rate N] [--peers fairlead,nginx,haproxy,envoy,node]
//
// Latency that each proxy adds at a fixed rate (open loop): 30% and 60% of what Fairlead answers at saturation (64
// connections in a closed loop), the same rate for all. Peers take turns, and each round measures the upstream alone as
// well: what is reported is the difference of the percentiles within a round.
import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { parseArgs, promisify } from 'node:util'
import { tempFolder } from '@fairlead/testkit'
import { printMachine, printTable, printTitle } from './harness/report.js'
import { median, spread } from './harness/statistics.js'
import { runWrk, writeWrkScript } from './harness/wrk.js'
import { benchHost } from './peers/bench-mesh.js'
import { peerNames, peerVersions, providePeers, startPeers } from './peers/peers.js'
import { startUpstream } from './peers/upstream.js'

const BODY_BYTES = 128
const path = `/bytes/${BODY_BYTES}`
const shares = [0.3, 0.6]
const percentiles = ['p50', 'p99', 'p999']
const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '4' },
    rate: { type: 'string' },
    peers: { type: 'string', default: peerNames.join(',') },
  },
})

const folder = await tempFolder('latency')
const provided = await providePeers(values.peers)
const servers = []
try {
  const upstream = await startUpstream({ ...provided.programs, folder: folder.path, bodies: [BODY_BYTES] })
  servers.push(upstream)
  const peers = await startPeers(provided, { folder: folder.path, upstreamPort: upstream.port })
  servers.push(...peers)
  printMachine(peerVersions(provided))
  const saturation = Number(values.rate ?? (await saturationOf(peers)))
  for (const share of shares) {
    const rate = Math.round(saturation * share)
    report(share, rate, peers, await measure(rate, [upstream, ...peers]))
  }
} finally {
  await Promise.all(servers.map((server) => server.stop()))
  await folder.remove()
}

/** Requests a second of the first peer in a closed loop; the others are warmed up by the way. */
async function saturationOf(peers) {
  const script = writeWrkScript(folder.path, { requests: 40_000 })
  const load = { wrk: provided.programs.wrk, script, path, host: benchHost, connections: 64 }
  const rates = []
  for (const { port } of peers) await runWrk({ ...load, port })
  for (let i = 0; i < 3; i++) rates.push((await runWrk({ ...load, port: peers[0].port })).perSecond)
  return median(rates)
}

async function measure(rate, targets) {
  const figures = new Map(targets.map(({ name }) => [name, []]))
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const { name, port } of targets) figures.get(name).push(await openLoop(port, rate))
  }
  return figures
}

async function openLoop(port, rate) {
  const script = join(import.meta.dirname, 'harness/open-loop.js')
  const args = [script, port, benchHost, path, BODY_BYTES, rate, values.seconds].map(String)
  return JSON.parse((await promisify(execFile)(process.execPath, args)).stdout)
}

function report(share, rate, peers, figures) {
  const direct = figures.get('upstream')
  printTitle(`${share * 100}% of saturation, ${rate} requests/s: added latency in ms`)
  const row = (name, cells) => [name, ...cells, figures.get(name).reduce((sum, each) => sum + failed(each), 0)]
  const added = (name, which) => figures.get(name).map((figure, round) => figure[which] - direct[round][which])
  printTable(
    ['peer', ...percentiles, 'unanswered or failed'],
    [
      row(
        'upstream',
        percentiles.map((which) => `itself ${spread(direct.map((figure) => figure[which]))}`),
      ),
      ...peers.map(({ name }) =>
        row(
          name,
          percentiles.map((which) => spread(added(name, which))),
        ),
      ),
    ],
  )
}

function failed({ unanswered, failures }) {
  return unanswered + failures
}

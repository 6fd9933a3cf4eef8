#!/usr/bin/env node
// npm run bench -- routes [--lookups 30000] [--rounds 5] [--requests 20000] [--engine yes|no] [--agent yes|no]
//
// What a request's route costs with 10, 1,000 and 10,000 services, and with as many rules in one VirtualService:
// instructions of a lookup in the route engine (callgrind), then CPU time per request of real agents that take turns.
// The exit code says whether 10,000 cost at most 1.1 times the instructions of 10.
import { parseArgs } from 'node:util'
import { tempFolder } from '@fairlead/testkit'
import { join } from 'node:path'
import { instructionsPerTurn } from './harness/instructions.js'
import { cpuMicroseconds } from './harness/process-cpu.js'
import { providePrograms } from './harness/programs.js'
import { printMachine, printTable, printTitle } from './harness/report.js'
import { spread } from './harness/statistics.js'
import { runWrk, writeWrkScript } from './harness/wrk.js'
import { benchHost } from './peers/bench-mesh.js'
import { startFairlead } from './peers/fairlead.js'
import { startUpstream } from './peers/upstream.js'

const RATIO_MAX = 1.1
const { values } = parseArgs({
  options: {
    lookups: { type: 'string', default: '30000' },
    rounds: { type: 'string', default: '5' },
    requests: { type: 'string', default: '20000' },
    engine: { type: 'string', default: 'yes' },
    agent: { type: 'string', default: 'yes' },
  },
})
const lookups = Number(values.lookups)
const programs = await providePrograms(['valgrind', 'wrk', 'nginx'])
printMachine([`node ${process.versions.node}`])
if (values.engine === 'yes') await measureEngine()
if (values.agent === 'yes') await measureAgents()

async function measureEngine() {
  const flat = ['services', 'exact', 'prefix', 'mixed']
  const sizes = [10, 1_000, 10_000]
  printTitle('Instructions per lookup in the route engine')
  const rows = []
  for (const shape of flat) {
    const figures = []
    for (const size of sizes) figures.push(await instructionsOf(shape, size))
    const ratio = figures.at(-1) / figures[0]
    if (ratio > RATIO_MAX) process.exitCode = 1
    rows.push([shape, ...figures.map(Math.round), ratio.toFixed(3)])
  }
  printTable(['table of', ...sizes, '10,000 to 10'], rows)

  printTitle('Rules that only a look at one after the other finds: instructions per lookup')
  const linear = []
  for (const shape of ['header', 'regex']) {
    // A tenth of the lookups: each looks at many rules.
    const cost = async (size) => Math.round(await instructionsOf(shape, size, lookups / 10))
    linear.push([shape, await cost(10), await cost(100)])
  }
  printTable(['rules by', 10, 100], linear)
}

function instructionsOf(shape, size, count = lookups) {
  const script = join(import.meta.dirname, 'harness/route-lookups.js')
  const { valgrind } = programs
  return instructionsPerTurn({ valgrind, script, args: [shape, `${size}`], count })
}

async function measureAgents() {
  const folder = await tempFolder('routes')
  const servers = []
  try {
    const upstream = await startUpstream({ ...programs, folder: folder.path, bodies: [128] })
    servers.push(upstream)
    const meshes = [
      { services: 10, rules: 10 },
      { services: 10_000, rules: 10 },
      { services: 10, rules: 10_000 },
    ]
    const agents = []
    for (const mesh of meshes) {
      const agent = await startFairlead({ folder: folder.path, upstreamPort: upstream.port, ...mesh })
      servers.push(agent)
      agents.push({ ...mesh, ...agent, us: [] })
    }
    await takeTurns(agents, folder.path)
    printTitle('CPU us per request of the agent: 128 bytes, 64 connections')
    printTable(
      ['services', 'rules', 'median (quartiles)', 'to 10 and 10'],
      agents.map(({ services, rules, us }) => [
        services,
        rules,
        spread(us, 1),
        spread(us.map((each, round) => each / agents[0].us[round])),
      ]),
    )
  } finally {
    await Promise.all(servers.map((server) => server.stop()))
    await folder.remove()
  }
}

async function takeTurns(agents, folderPath) {
  const script = writeWrkScript(folderPath, { requests: Number(values.requests) })
  const load = { wrk: programs.wrk, script, path: '/bytes/128', host: benchHost, connections: 64 }
  for (const { port } of agents) await runWrk({ ...load, port })
  for (let round = 0; round < Number(values.rounds); round++) {
    for (const agent of agents) {
      const before = cpuMicroseconds(agent.pid)
      const { requests } = await runWrk({ ...load, port: agent.port })
      agent.us.push((cpuMicroseconds(agent.pid) - before) / requests)
    }
  }
}

#!/usr/bin/env node
// npm run bench -- backpressure [--mib 1024] [--clients 1000]
//
// A fast side sends so many MiB through a real agent to a slow one, both ways and in both framings: the reader stops
// after each MiB, for 2 ms or until the agent's count of buffered bytes was read; its resident memory is read then too. Then many clients ask for
// 8 MiB each and read nothing. The exit code says whether resident memory grew by less than 16 MiB after the first
// 64 MiB of each flow, and whether the buffered bytes stayed within the bound of each connection.
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { FlowServer, RawClient, serviceAt, tempFolder, waitFor } from '@fairlead/testkit'
import { startProbedAgent, sumOfStat } from './harness/probed-agent.js'

const mib = 1024 * 1024
const growthBytesMax = 16 * mib
/** High-water mark, one read beyond it, framing. */
const connectionBytesMax = (64 + 64 + 1) * 1024
const { values } = parseArgs({
  options: { mib: { type: 'string', default: '1024' }, clients: { type: 'string', default: '1000' } },
})
const folder = await tempFolder('backpressure')
const server = await FlowServer.start()
writeFileSync(join(folder.path, 'mesh.yaml'), serviceAt([server.port]))
const agent = await startProbedAgent(folder.path)

try {
  const flows = []
  for (const direction of ['download', 'upload']) {
    for (const framing of ['content-length', 'chunked']) flows.push(await measureFlow(direction, framing))
  }
  const clients = await measureClients(Number(values.clients))
  process.stdout.write(JSON.stringify({ flows, clients }, null, 2) + '\n')
  if (![...flows, clients].every(({ holds }) => holds)) process.exitCode = 1
} finally {
  agent.child.kill()
  await agent.child.exited
  server.close()
  await folder.remove()
}

async function measureFlow(direction, framing) {
  const stat = direction === 'download' ? 'downstream_cx_tx_bytes_buffered' : 'upstream_cx_tx_bytes_buffered'
  const bytes = Number(values.mib) * mib
  let rssAt64MiB = 0
  let rssMost = 0
  let bufferedMost = 0
  const onPause = async (readBytes) => {
    // Not each time: the agent's answer to the question is garbage of its own.
    if (readBytes % (8 * mib) < mib) bufferedMost = Math.max(bufferedMost, await sumOfStat(agent.admin, stat))
    else await new Promise((resolve) => setTimeout(resolve, 2))
    const rss = agent.child.rssBytes()
    if (readBytes <= 64 * mib) rssAt64MiB = Math.max(rssAt64MiB, rss)
    else rssMost = Math.max(rssMost, rss)
  }
  const arrived = await server.run(agent.port, 'svc', { direction, framing, bytes, onPause })
  const growthMiB = round((rssMost - rssAt64MiB) / mib)
  const holds = arrived === bytes && rssMost - rssAt64MiB < growthBytesMax && bufferedMost <= connectionBytesMax
  return { direction, framing, mib: arrived / mib, rssAt64MiB: round(rssAt64MiB / mib), growthMiB, bufferedMost, holds }
}

async function measureClients(count) {
  const before = await agent.child.retainedBytes()
  server.serve(8 * mib)
  const clients = []
  for (let n = 0; n < count; n++) {
    const client = await RawClient.connect(agent.port)
    client.pause()
    await client.send('GET / HTTP/1.1\r\nhost: svc\r\n\r\n')
    clients.push(client)
  }
  const buffered = () => sumOfStat(agent.admin, 'downstream_cx_tx_bytes_buffered')
  let last = -1
  const bufferedBytes = await waitFor(
    'all to be stuck',
    async () => {
      const now = await buffered()
      const isStill = now === last && now >= count * 1024
      last = now
      return isStill && now
    },
    120_000,
  )
  const rssMiB = round(agent.child.rssBytes() / mib)
  clients.forEach((client) => client.reset())
  await waitFor('nothing to be buffered', async () => (await buffered()) === 0, 60_000)
  await waitFor('clients to be gone', async () => (await sumOfStat(agent.admin, 'downstream_cx_active')) === 0)
  await waitFor('endpoints to be left', async () => (await sumOfStat(agent.admin, 'upstream_rq_active')) === 0)
  const after = await waitFor(
    'memory to return',
    async () => {
      const now = await agent.child.retainedBytes()
      return now - before < 8 * mib && now
    },
    30_000,
  ).catch(() => agent.child.retainedBytes())
  const bytesAClient = Math.round(bufferedBytes / count)
  const holds = bytesAClient <= connectionBytesMax && after - before < 8 * mib
  return { clients: count, bytesAClient, rssMiB, retainedGrowthMiB: round((after - before) / mib), holds }
}

function round(value) {
  return Math.round(value * 10) / 10
}

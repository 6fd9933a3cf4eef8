import { join } from 'node:path'
import { freePort, startServer } from '../harness/server-process.js'

export async function startNodeHttp({ upstreamPort }) {
  const port = await freePort()
  const script = join(import.meta.dirname, 'node-http-proxy.js')
  return startServer({ name: 'node', command: process.execPath, args: [script, `${port}`, `${upstreamPort}`], port })
}

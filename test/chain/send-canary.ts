import type { Chain } from './agent-chain.js'
import { RawClient } from './raw-client.js'
import { echoOf } from './recording-server.js'

let canaries = 0

/** A plain request on a new connection, which gets what lies in wait on the pooled ones. */
export async function sendCanary(chain: Pick<Chain, 'port' | 'last'>): Promise<string[]> {
  const target = `/canary/${canaries++}`
  const before = chain.last.seen.length
  const client = new RawClient(chain.port)
  await client.send(`GET ${target} HTTP/1.1\r\nHost: canary\r\n\r\n`)
  await client.received(1)
  await client.end()
  const seen = chain.last.seen.slice(before).map((request) => `${request.method} ${request.target}`)
  const answers = client.responses.map(echoOf)
  if (seen.join() === `GET ${target}` && answers.join() === `GET ${target}`) return []
  return [`the canary ${target} reached the server as [${seen.join()}] and was answered as [${answers.join()}]`]
}

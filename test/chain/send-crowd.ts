import type { Chain } from './agent-chain.js'
import { RawClient } from './raw-client.js'
import { echoOf } from './recording-server.js'
import { SMUGGLING_ROWS } from './smuggling-rows.js'

const ATTACKERS = 4
const VICTIMS = 8
const REQUESTS_EACH = 60
/** Then a victim comes back on a new connection. */
const REQUESTS_A_CONNECTION = 7

/**
 * Plain keep-alive clients beside others that try everything, all at once, so that pooled connections are many and
 * change hands. Resolves with what was wrong for the plain ones.
 */
export async function sendCrowd(chain: Pick<Chain, 'port'>): Promise<string[]> {
  const attackers = Array.from({ length: ATTACKERS }, (_, i) => attack(chain.port, i))
  const victims = Array.from({ length: VICTIMS }, (_, i) => suffer(chain.port, i))
  await Promise.all(attackers)
  return (await Promise.all(victims)).flat()
}

async function attack(port: number, attacker: number): Promise<void> {
  for (let i = attacker; i < SMUGGLING_ROWS.length; i += ATTACKERS) {
    const client = new RawClient(port)
    await client.send(...SMUGGLING_ROWS[i]!.pieces)
    await client.end()
  }
}

async function suffer(port: number, victim: number): Promise<string[]> {
  const wrong: string[] = []
  let client = new RawClient(port)
  for (let i = 0; i < REQUESTS_EACH; i++) {
    const target = `/victim/${victim}/${i}`
    const position = i % REQUESTS_A_CONNECTION
    if (position === 0 && i > 0) {
      await client.end()
      client = new RawClient(port)
    }
    const line = i % 2 === 0 ? `GET ${target}` : `POST ${target}`
    await client.send(
      `${line} HTTP/1.1\r\nHost: victim\r\n${i % 2 === 0 ? '' : 'Content-Length: 2\r\n'}\r\n${i % 2 === 0 ? '' : 'hi'}`,
    )
    await client.received(position + 1)
    const response = client.responses[position]
    const echo = response === undefined ? 'nothing' : (echoOf(response) ?? response.status)
    if (echo !== line) wrong.push(`${line} was answered as ${echo}`)
  }
  await client.end()
  return wrong
}

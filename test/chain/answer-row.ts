import type { ResponseRow } from '../../apps/agent/src/http1/testdata/response-rows.js'
import type { Chain } from './agent-chain.js'
import { isAtLimit } from './expected-requests.js'
import { valuesOf } from './grammar.js'
import { RawClient } from './raw-client.js'
import { echoOf } from './recording-server.js'
import { sendCanary } from './send-canary.js'

let followers = 0

/**
 * Lets the last server answer one request with a row's bytes, then sends another request on the same client connection
 * if it is still there, and on a new one. Resolves with what was wrong at the client.
 */
export async function answerRow(chain: Pick<Chain, 'port' | 'last'>, row: ResponseRow): Promise<string[]> {
  const follower = `GET /follower/${followers++}`
  const client = new RawClient(chain.port, [row.method])
  const answered = chain.last.answerNext({ text: row.input, fin: row.fin })
  await client.send(`${row.method} / HTTP/1.${row.minor}\r\nHost: a\r\n\r\n`)
  await answered
  await client.received(1)
  const wrong: string[] = []
  if (client.responses.length === 0 && !client.ended) wrong.push('neither an answer nor a close')
  const isOpen = !client.ended && !valuesOf(client.responses[0]?.fields ?? [], 'connection').includes('close')
  if (isOpen) {
    await client.send(`${follower} HTTP/1.1\r\nHost: a\r\n\r\n`)
    await client.received(2)
  }
  await client.end()
  const { status, body } = expectedAnswer(row)
  const [first, second, ...more] = client.responses
  if (client.violation !== null) wrong.push(`answered outside the grammar: ${client.violation}`)
  if (more.length > 0) wrong.push(`${client.responses.length} answers to two requests`)
  // A proxy that has nothing of the answer yet may still say that there is none.
  const isCut = row.fate === 'cut' && (first === undefined || first.status === 503 || first.status === 502)
  if (!isCut && (!status.includes(first?.status ?? 0) || (body !== null && first?.body !== body))) {
    wrong.push(`answered ${first?.status} ${JSON.stringify(first?.body)}, not ${status.join(' or ')} ${body}`)
  }
  if (isOpen && (second === undefined || echoOf(second) !== follower)) {
    wrong.push(`${follower} was answered as ${second === undefined ? 'nothing' : echoOf(second)}`)
  }
  return [...wrong, ...chain.last.violations, ...(await sendCanary(chain))]
}

/** Null: any body. Each agent turns a broken connection into 503, and broken bytes into 502. */
function expectedAnswer({ expected, fate }: ResponseRow): { status: readonly number[]; body: string | null } {
  // Nobody asked for these switches of protocol here.
  if (expected === 502 || fate === 'tunnel') return { status: [502, 503], body: null }
  const final = expected.replace(/^(?:HTTP\/1\.1 1\d\d .*\r\n(?:.+\r\n)*\r\n)*/, '')
  if (final === 'BAD') return { status: [502, 503], body: null }
  const [head, status] = /^HTTP\/1\.1 (\d{3}) [^]*?\r\n\r\n/.exec(final)!
  if (isAtLimit(head)) return { status: [Number(status), 502], body: null }
  const body = final.slice(head.length)
  return { status: [Number(status)], body: /^<([^>]*)/.exec(body)?.[1] ?? body }
}

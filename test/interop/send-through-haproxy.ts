import type { HaproxyChain } from './haproxy-chain.js'
import { RawClient } from '../chain/raw-client.js'
import { isSameTarget } from '../chain/expected-requests.js'
import { type ResponseMessage, valuesOf } from '../chain/grammar.js'
import { echoOf, ID_ECHO } from '../chain/recording-server.js'
import { SENT_ID } from './proxy-programs.js'

export type Entrance = keyof HaproxyChain['ports']

/** What a client sends, and what an agent alone would make of it. */
export interface Attempt {
  readonly pieces: readonly string[]
  /** `METHOD TARGET` of each request that the client framed, in order. */
  readonly framed: readonly string[]
  readonly isRefused: boolean
  readonly afterAnswer?: string
  readonly halfClose?: boolean
}

/**
 * HAProxy repairs some of what an agent refuses, and refuses some of what an agent takes. What must hold is that agent
 * and last server see the requests that HAProxy framed and no other, that each answer comes back to its own request, and
 * that the next client is served. Resolves with what was wrong.
 */
export async function sendThroughHaproxy(chain: HaproxyChain, entrance: Entrance, attempt: Attempt): Promise<string[]> {
  const { framed, isRefused, afterAnswer = '' } = attempt
  const client = new RawClient(
    chain.ports[entrance],
    framed.map((line) => line.split(' ')[0]!),
  )
  await client.send(...attempt.pieces)
  // HAProxy may have taken for the beginning of something what was an error to us.
  if (isRefused || attempt.halfClose === true) client.halfClose()
  if (afterAnswer !== '') {
    await client.received(1)
    await client.send(afterAnswer)
  }
  const wrong: string[] = []
  if (!(await client.received(framed.length + (isRefused ? 1 : 0)))) wrong.push('neither an answer nor a close')
  if (!(await client.end())) wrong.push('the connection does not close after the client did')
  if (client.violation !== null) wrong.push(`answered outside the grammar: ${client.violation}`)
  wrong.push(...wrongOwners(client.responses))
  const answered = client.responses.flatMap((response) => echoOf(response) ?? [])
  // What is no request to us has no framing of which to say how HAProxy should have read it.
  if (!isRefused && !answered.every((line, i) => isSameLine(framed[i], line))) {
    wrong.push(`answered [${answered.join()}], framed were [${framed.join()}]`)
  }
  return [...wrong, ...chain.recorder.violations, ...(await sendCanary(chain, entrance))]
}

function isSameLine(framed: string | undefined, seen: string): boolean {
  const [method, target] = seen.split(' ')
  return framed !== undefined && framed.split(' ')[0] === method && isSameTarget(framed.split(' ')[1]!, target!)
}

function wrongOwners(responses: readonly ResponseMessage[]): string[] {
  return responses
    .map(({ fields }) => ({ sent: valuesOf(fields, SENT_ID), answered: valuesOf(fields, ID_ECHO) }))
    .filter(({ sent, answered }) => answered.length > 0 && sent.join() !== answered.join())
    .map(({ sent, answered }) => `request [${sent.join()}] got the answer to [${answered.join()}]`)
}

let canaries = 0

async function sendCanary(chain: HaproxyChain, entrance: Entrance): Promise<string[]> {
  const line = `GET /canary/${canaries++}`
  const client = new RawClient(chain.ports[entrance])
  await client.send(`${line} HTTP/1.1\r\nHost: canary\r\n\r\n`)
  await client.received(1)
  await client.end()
  const answers = client.responses.map((response) => echoOf(response) ?? response.status)
  return answers.join() === line ? [] : [`the canary ${line} was answered as [${answers.join()}]`]
}

import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { REQUEST_ROWS } from '../../apps/agent/src/http1/testdata/request-rows.js'
import { RESPONSE_ROWS } from '../../apps/agent/src/http1/testdata/response-rows.js'
import { killAgents } from '../agent/agent-process.js'
import { startAgentChain, type Chain, type Entrance } from './agent-chain.js'
import { answerRow } from './answer-row.js'
import { expectedOutcome } from './expected-requests.js'
import { sendAttempt } from './send-attempt.js'
import { sendCrowd } from './send-crowd.js'
import { sendRow } from './send-row.js'
import { SMUGGLING_ROWS } from './smuggling-rows.js'

/** Longer rows are not sent octet by octet. */
const BYTEWISE_MAX = 100

describe.each<Entrance>(['gateway', 'bind'])('client, agent (%s), agent, server', (entrance) => {
  let chain: Chain

  beforeAll(async () => {
    chain = await startAgentChain(entrance)
  }, 30_000)
  afterAll(async () => {
    await chain?.stop()
    await killAgents()
  })

  it.each(REQUEST_ROWS.map((row) => [row[0], row] as const))('request: %s', async (_, row) => {
    const [, input] = row
    const expected = expectedOutcome(row)
    for (const pieces of cuts(input)) {
      const wrong = await sendRow(chain, pieces, expected)
      if (wrong.length > 0) expect({ pieces, wrong }).toEqual({ pieces, wrong: [] })
    }
  })

  it.each(SMUGGLING_ROWS.map((row) => [row.name, row] as const))('attempt: %s', async (_, row) => {
    expect(await sendAttempt(chain, row)).toEqual([])
  })

  it.each(RESPONSE_ROWS.map((row) => [row.name, row] as const))('response: %s', async (_, row) => {
    expect(await answerRow(chain, row)).toEqual([])
  })

  it('answers each of many clients with its own, while others try everything', async () => {
    expect(await sendCrowd(chain)).toEqual([])
    expect(chain.last.violations).toEqual([])
  }, 20_000)

  it('showed the last server none of the hidden requests', () => {
    expect(chain.last.seen.map(({ target }) => target).filter((target) => target.includes('hidden'))).toEqual([])
  })

  it('showed the last server no part of a request but of those that were refused half-way', () => {
    const expected = new Set(
      REQUEST_ROWS.flatMap((row) => expectedOutcome(row).requests)
        .filter(({ isComplete }) => !isComplete)
        .map(({ method, target }) => `${method} ${target} HTTP/1.1`),
    )
    const attempts = SMUGGLING_ROWS.flatMap(({ pieces }) => pieces.join('').split('\r\n')[0]!)
    const cut = chain.last.cut.map((head) => head.split('\r\n')[0]!)
    expect(cut.filter((line) => !expected.has(line) && !attempts.includes(line))).toEqual([])
  })
})

/** Whole, cut in the middle of the head, cut behind it, and short rows octet by octet. */
function cuts(input: string): (readonly string[])[] {
  const head = input.indexOf('\r\n\r\n')
  const at = [Math.floor(input.length / 3), head + 2, head + 5].filter((cut) => cut > 0 && cut < input.length)
  const halves = at.map((cut) => [input.slice(0, cut), input.slice(cut)])
  return [[input], ...halves, ...(input.length <= BYTEWISE_MAX ? [[...input]] : [])]
}

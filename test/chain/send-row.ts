import type { Chain } from './agent-chain.js'
import { type ExpectedOutcome, type ExpectedRequest, isSameTarget } from './expected-requests.js'
import type { RequestMessage } from './grammar.js'
import { RawClient } from './raw-client.js'
import { echoOf } from './recording-server.js'
import { sendCanary } from './send-canary.js'

/**
 * Sends a row's bytes in these pieces, then a canary on a connection of its own. Resolves with what was wrong: at the
 * client, at the last server, or between the two.
 */
export async function sendRow(chain: Chain, pieces: readonly string[], expected: ExpectedOutcome): Promise<string[]> {
  const before = chain.last.seen.length
  const complete = expected.requests.filter(({ isComplete }) => isComplete)
  const client = new RawClient(
    chain.port,
    complete.map(({ method }) => method),
  )
  await client.send(...pieces)
  await client.received(complete.length + (expected.refused === null ? 0 : 1))
  const wrong: string[] = []
  if (expected.refused !== null && !(await client.closed())) wrong.push('the connection stays open after a refusal')
  if (!(await client.end())) wrong.push('the connection does not close after the client did')
  const statuses = complete.map((request, i) => {
    if (request.isAtLimit && client.responses[i]?.status === 431) return 431
    return chain.localStatus(request) ?? 200
  })
  if (expected.refused !== null) statuses.push(expected.refused)
  wrong.push(...wrongAnswers(client, complete, statuses))
  const seen = chain.last.seen.slice(before)
  const served = complete.filter((_, i) => statuses[i] === 200)
  wrong.push(...wrongRequests(seen, served), ...chain.last.violations)
  return [...wrong, ...(await sendCanary(chain))]
}

function wrongAnswers(client: RawClient, complete: readonly ExpectedRequest[], statuses: readonly number[]): string[] {
  const wrong: string[] = []
  if (client.violation !== null) wrong.push(`answered outside the grammar: ${client.violation}`)
  if (client.text !== '') wrong.push(`bytes behind the answers: ${JSON.stringify(client.text.slice(0, 200))}`)
  const answered = client.responses.map(({ status }) => status).join()
  if (answered !== statuses.join()) wrong.push(`answered [${answered}], not [${statuses.join()}]`)
  complete.forEach((request, i) => {
    if (statuses[i] !== 200 || client.responses[i] === undefined) return
    const echo = echoOf(client.responses[i])
    if (echo === undefined || !isSame(request, echo.split(' ')[0]!, echo.split(' ')[1]!)) {
      wrong.push(`request ${i + 1} got the answer to ${echo}`)
    }
  })
  return wrong
}

function wrongRequests(seen: readonly RequestMessage[], complete: readonly ExpectedRequest[]): string[] {
  const isRight =
    seen.length === complete.length &&
    complete.every((request, i) => isSame(request, seen[i]!.method, seen[i]!.target) && request.body === seen[i]!.body)
  if (isRight) return []
  return [`the last server saw ${JSON.stringify(seen.map(({ method, target, body }) => [method, target, body]))}`]
}

function isSame(expected: ExpectedRequest, method: string, target: string): boolean {
  return expected.method === method && isSameTarget(expected.target, target)
}

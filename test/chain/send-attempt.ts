import type { Chain } from './agent-chain.js'
import { valuesOf } from './grammar.js'
import { RawClient } from './raw-client.js'
import { EARLY, echoOf } from './recording-server.js'
import { sendCanary } from './send-canary.js'
import type { SmugglingRow } from './smuggling-rows.js'

/** As `sendRow`: what the client framed is answered and seen in order, up to where the connection ends. */
export async function sendAttempt(chain: Chain, row: SmugglingRow): Promise<string[]> {
  const { framed, refused } = row
  const before = chain.last.seen.length
  const client = new RawClient(
    chain.port,
    framed.map((line) => line.split(' ')[0]!),
  )
  await client.send(...row.pieces)
  if (row.halfClose) client.halfClose()
  if (row.afterAnswer !== '') {
    await client.received(1)
    await client.send(row.afterAnswer)
  }
  await client.received(framed.length + (refused === null ? 0 : 1))
  const wrong: string[] = []
  if (refused !== null && !(await client.closed())) wrong.push('the connection stays open after a refusal')
  if (!(await client.end())) wrong.push('the connection does not close after the client did')
  if (client.violation !== null) wrong.push(`answered outside the grammar: ${client.violation}`)
  const { responses } = client
  const answers = responses.map((response) => echoOf(response) ?? response.status)
  // Whoever says `close` owes no more answers.
  const isOver = responses.length > 0 && valuesOf(responses.at(-1)!.fields, 'connection').includes('close')
  const due = isOver && refused === null ? framed.slice(0, responses.length) : framed
  const expected = [...due, ...(refused === null ? [] : [refused])]
  if (answers.join() !== expected.join()) wrong.push(`answered [${answers.join()}], not [${expected.join()}]`)
  const seen = chain.last.seen.slice(before).map(({ method, target }) => `${method} ${target}`)
  // The server may have answered before it had the whole request, and never get it.
  const whole = due.filter((line) => !line.includes(EARLY))
  if (seen.filter((line) => !line.includes(EARLY)).join() !== whole.join())
    wrong.push(`the last server saw [${seen.join()}]`)
  return [...wrong, ...chain.last.violations, ...(await sendCanary(chain))]
}

import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { REQUEST_ROWS } from '../../apps/agent/src/http1/testdata/request-rows.js'
import { waitFor } from '@fairlead/testkit'
import { RESPONSE_ROWS } from '../../apps/agent/src/http1/testdata/response-rows.js'
import { killAgents } from '../agent/agent-process.js'
import { answerRow } from '../chain/answer-row.js'
import { expectedOutcome } from '../chain/expected-requests.js'
import { valuesOf } from '../chain/grammar.js'
import { ID } from '../chain/recording-server.js'
import { sendCrowd } from '../chain/send-crowd.js'
import { SMUGGLING_ROWS } from '../chain/smuggling-rows.js'
import { type HaproxyChain, startHaproxyChain } from './haproxy-chain.js'
import { findProxyPrograms } from './proxy-programs.js'
import { type Entrance, sendThroughHaproxy } from './send-through-haproxy.js'

const programs = findProxyPrograms()
const describeIfInstalled = programs === null ? describe.skip : describe

describeIfInstalled('client, HAProxy, agent, nginx (needs haproxy and nginx)', () => {
  let chain: HaproxyChain

  beforeAll(async () => {
    chain = await startHaproxyChain(programs!)
  }, 60_000)
  afterAll(async () => {
    await chain?.stop()
    await killAgents()
  })

  describe.each<Entrance>(['recorder', 'lenient', 'nginx'])('by %s', (entrance) => {
    it.each(REQUEST_ROWS.map((row) => [row[0], row] as const))('request: %s', async (_, row) => {
      const { requests, refused } = expectedOutcome(row)
      const framed = requests.filter(({ isComplete }) => isComplete).map(({ method, target }) => `${method} ${target}`)
      const attempt = { pieces: [row[1]], framed, isRefused: refused !== null }
      expect(await sendThroughHaproxy(chain, entrance, attempt)).toEqual([])
    })

    it.each(SMUGGLING_ROWS.map((row) => [row.name, row] as const))('attempt: %s', async (_, row) => {
      const attempt = { ...row, isRefused: row.refused !== null }
      expect(await sendThroughHaproxy(chain, entrance, attempt)).toEqual([])
    })
  })

  it.each<Entrance>(['lenient', 'nginx'])(
    'answers many clients by %s, while others try everything',
    async (entrance) => {
      expect(await sendCrowd({ port: chain.ports[entrance] })).toEqual([])
    },
  )

  // Before the responses: one that is cut off ends its connection without a word.
  it('closed each connection from HAProxy on which the agent said so, no other, and answered nothing more there', async () => {
    const connections = chain.taps.flatMap((tap) => tap.connections)
    const closing = connections.filter(({ answers }) => CLOSE.test(answers))
    expect(closing.length).toBeGreaterThan(50)
    await waitFor('their ends', () => closing.every(({ serverEnded, isClosed }) => serverEnded || isClosed))
    const behind = closing.map(({ answers }) => answers.slice(CLOSE.exec(answers)!.index))
    expect(behind.filter((text) => text.includes('HTTP/1.1 '))).toEqual([])
    // A FIN that nobody was told of meets the next client's request.
    expect(connections.filter(({ serverEndedFirst, answers }) => serverEndedFirst && !CLOSE.test(answers))).toEqual([])
  })

  it.each(RESPONSE_ROWS.map((row) => [row.name, row] as const))('response: %s', async (_, row) => {
    const behindHaproxy = { port: chain.ports.recorder, last: chain.recorder }
    expect(await answerRow(behindHaproxy, row)).toEqual([])
  })

  it('showed the last server no request but those that HAProxy framed, each once', () => {
    const ids = chain.recorder.seen.map(({ fields }) => valuesOf(fields, ID).join())
    expect(ids.length).toBeGreaterThan(2 * SMUGGLING_ROWS.length)
    expect(ids.filter((id, i) => id === '' || ids.indexOf(id) !== i)).toEqual([])
  })

  it('showed nginx no malformed request, and none but those that HAProxy framed', () => {
    const lines = readLines(chain.nginx.accessLog).map((line) => JSON.parse(line) as AccessLine)
    // Tokens that nginx knows no method by, and reads no further.
    const known = lines.filter(({ request }) => /^[A-Z_-]+ /.test(request))
    expect(known.length).toBeGreaterThan(SMUGGLING_ROWS.length)
    const wrong = known.filter(({ id, request, status }) => id === '' || status !== expectedStatus(request))
    expect(wrong).toEqual([])
    expect(new Set(known.map(({ id }) => id)).size).toBe(known.length)
    const complaints = readLines(chain.nginx.errorLog).filter((line) => line.includes('client sent'))
    expect(complaints.filter((line) => !NGINX_ALONE.test(line))).toEqual([])
  })
})

const CLOSE = /\r\nconnection: close\r\n/

interface AccessLine {
  readonly request: string
  readonly status: string
  readonly id: string
}

/** What RFC 9110 allows and nginx does not take: TRACE, and tokens that it knows as no method or field name. */
const NGINX_ALONE = /client sent (?:TRACE method|invalid method|invalid header line: "[!#$%&'*+\-.^_`|~0-9A-Za-z]+: )/

function expectedStatus(request: string): string {
  return request.startsWith('TRACE ') ? '405' : '200'
}

function readLines(path: string): string[] {
  return readFileSync(path, 'utf8').split('\n').filter(Boolean)
}

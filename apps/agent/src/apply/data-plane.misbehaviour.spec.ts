import { afterEach, describe, expect, it } from '@jest/globals'
import { type Behaviour, type ServerStep, waitFor } from '@fairlead/testkit'
import { FaultyMesh, see, WITH_RETRIES } from './testdata/faulty-mesh.js'

const REQUESTS = {
  GET: 'GET / HTTP/1.1\r\nhost: svc\r\n\r\n',
  HEAD: 'HEAD / HTTP/1.1\r\nhost: svc\r\n\r\n',
  POST: 'POST / HTTP/1.1\r\nhost: svc\r\ncontent-length: 5\r\n\r\nhello',
} as const

const HELLO = 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello'
const CHUNKED = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n'

interface Row {
  readonly name: string
  readonly steps: readonly ServerStep[]
  /** To GET and POST: a status stands for that answer of ours, or for the good one where there are retries. */
  readonly sees: string | number
  /** Where a head is all that the server has to get right. */
  readonly toHead?: string | number
  readonly atAccept?: boolean
  readonly leavesClear?: boolean
}

const after = (...steps: readonly ServerStep[]): readonly ServerStep[] => ['await body', ...steps]
const says = (send: string): readonly ServerStep[] => after({ send })

const ROWS: readonly Row[] = [
  { name: 'resets at accept', atAccept: true, steps: ['reset'], sees: 503 },
  { name: 'closes at accept', atAccept: true, steps: ['fin'], sees: 503 },
  { name: 'speaks another protocol at accept', atAccept: true, steps: [{ send: 'SSH-2.0-x\r\n\r\n' }], sees: 502 },
  { name: 'closes after a head', steps: ['fin'], sees: 503 },
  { name: 'resets after a head', steps: ['reset'], sees: 503 },
  { name: 'closes after a request', steps: after('fin'), sees: 503 },
  { name: 'says nothing', steps: after(), sees: 504 },
  { name: 'stops in the head', steps: says(HELLO.slice(0, 20)), sees: 504 },
  { name: 'stops in the body', steps: says(HELLO.slice(0, -2)), sees: 'cut', toHead: '200' },
  { name: 'drips a response', steps: after({ drip: HELLO }), sees: '200 hello', leavesClear: true },
  {
    name: 'drips chunks and trailers',
    steps: after({ drip: `${CHUNKED}2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nx: y\r\n\r\n` }),
    sees: '200 hello',
    leavesClear: true,
  },
  { name: 'says garbage', steps: says('\0\x01\xff\r\n\r\n'), sees: 502 },
  { name: 'says garbage in the head', steps: says('HTTP/1.1 200 OK\r\nx: a\0b\r\n\r\n'), sees: 502 },
  { name: 'never ends its head', steps: says(`HTTP/1.1 200 OK\r\nx: ${'a'.repeat(70_000)}`), sees: 502 },
  { name: 'frames twice', steps: says(`${CHUNKED.slice(0, -2)}content-length: 5\r\n\r\nhello`), sees: 502 },
  { name: 'gives 204 a body', steps: says('HTTP/1.1 204 x\r\ncontent-length: 5\r\n\r\nhello'), sees: 502 },
  { name: 'gives 304 a body', steps: says('HTTP/1.1 304 x\r\ncontent-length: 5\r\n\r\nhello'), sees: '304' },
  { name: 'switches unasked', steps: says('HTTP/1.1 101 x\r\nupgrade: y\r\n\r\nrest'), sees: 502 },
  { name: 'informs for ever', steps: says('HTTP/1.1 102 x\r\n\r\n'.repeat(1000)), sees: 502 },
  {
    name: 'informs as often as it may',
    steps: says('HTTP/1.1 103 x\r\n\r\n'.repeat(16) + HELLO),
    sees: '200 hello',
    leavesClear: true,
  },
  { name: 'breaks a chunk line', steps: says(`${CHUNKED}5\r\nhello\r\nz\r\n`), sees: 'cut', toHead: '200' },
  { name: 'breaks a chunk end', steps: says(`${CHUNKED}5\r\nhelloo`), sees: 'cut', toHead: '200' },
  { name: 'breaks a trailer', steps: says(`${CHUNKED}5\r\nhello\r\n0\r\na b: c\r\n\r\n`), sees: 'cut', toHead: '200' },
  { name: 'says more than it announced', steps: says(`${HELLO}more`), sees: '200 hello' },
  { name: 'answers twice at once', steps: says(HELLO + HELLO), sees: '200 hello' },
  { name: 'half-closes after its answer', steps: after({ send: HELLO }, 'fin'), sees: '200 hello' },
  { name: 'resets after its answer', steps: after({ send: HELLO }, 'reset'), sees: '200 hello' },
]

/** Of our own answers the status. A cut answer may be cut before its first byte. */
function shortened(answer: string, withRetries: boolean): string {
  if (answer === 'closed') return 'cut'
  return /^50\d/.test(answer) && !withRetries ? answer.slice(0, 3) : answer
}

/** HEAD has a body nowhere; our answers to it are heads. */
function expected({ sees, toHead }: Row, method: string, withRetries: boolean): string {
  const isHead = method === 'HEAD'
  const seen = isHead && toHead !== undefined ? toHead : sees
  const text = typeof seen === 'number' && withRetries ? '200 good' : String(seen)
  return isHead ? text.slice(0, 3) : text
}

describe('a server that misbehaves', () => {
  let faulty: FaultyMesh
  afterEach(() => faulty.close())

  const cases = ROWS.flatMap((row) => [false, true].map((withRetries) => ({ name: row.name, row, withRetries })))

  it.each(cases)('$name, with retries: $withRetries', async ({ row, withRetries }) => {
    const isSilent = row.sees === 504 || row.steps.at(-1) === 'await body' || row.name.startsWith('stops')
    const timeout = isSilent && !withRetries ? { timeoutMs: 40 } : {}
    const tries = isSilent ? { retry: { ...WITH_RETRIES.retry!, perTryTimeoutMs: 40 }, timeoutMs: 400 } : WITH_RETRIES
    faulty = await FaultyMesh.start(withRetries ? tries : timeout)
    for (const [method, request] of Object.entries(REQUESTS)) {
      const behaviour: Behaviour = { steps: row.steps, leavesClear: row.leavesClear === true && method !== 'HEAD' }
      if (row.atAccept === true) {
        faulty.server.endConnections()
        await waitFor('a pool without connections', () => faulty.server.openConnections === 0)
        faulty.server.misbehaveAtAccept(behaviour)
      } else faulty.server.misbehave(behaviour)
      const { answer } = await faulty.call(request)
      expect([method, shortened(answer, withRetries)]).toEqual([method, expected(row, method, withRetries)])
    }
    await faulty.expectNothingLeft()
  })

  it('passes on no more interim responses than the bound, each of them whole', async () => {
    faulty = await FaultyMesh.start()
    faulty.server.misbehave({ steps: says('HTTP/1.1 102 x\r\n\r\n'.repeat(1000)) })
    const { reading } = await faulty.call(REQUESTS.GET)
    expect(reading.responses.map(({ status }) => status)).toEqual([...new Array<number>(16).fill(102), 502])
    await faulty.expectNothingLeft()
  })

  it.each([
    ['and reads on', []],
    ['and reads no more', ['stop reading']],
    ['and half-closes', ['fin']],
    ['and resets', ['reset']],
  ] as const)('answers before the request is complete, %s', async (_, rest) => {
    faulty = await FaultyMesh.start()
    faulty.server.misbehave({ steps: [{ send: HELLO }, ...rest] })
    const client = await faulty.client()
    await client.send('POST / HTTP/1.1\r\nhost: svc\r\ncontent-length: 100000\r\n\r\nstart')
    expect((await see(client, 'POST')).answer).toBe('200 hello')
    await client.send('x'.repeat(99_995))
    await client.send('GET / HTTP/1.1\r\nhost: svc\r\n\r\n')
    const { responses, rest: left } = await client.answers(['POST', 'GET'])
    // The rest of the body is drained, and the next request served, on this connection.
    expect([responses.map(({ body }) => body), left]).toEqual([['hello', 'good'], 'nothing'])
    expect(faulty.server.completeRequests).toBe(1)
    await faulty.expectNothingLeft()
  })

  it('says something on a connection that waits for its next request: it gets none', async () => {
    faulty = await FaultyMesh.start()
    faulty.server.misbehave({ steps: [...says(HELLO), { drip: 'HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nevil' }] })
    const client = await faulty.client()
    await client.send(REQUESTS.GET)
    expect((await see(client, 'GET')).answer).toBe('200 hello')
    await waitFor('the connection to be given up', () => faulty.mesh.stat('cluster.svc', 'upstream_cx_active') === 0)
    expect((await faulty.call(REQUESTS.GET)).answer).toBe('200 good')
    await faulty.expectNothingLeft()
  })
})

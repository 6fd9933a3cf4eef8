import { afterEach, describe, expect, it } from '@jest/globals'
import { FaultyMesh, methodOf, see, WITH_RETRIES } from './testdata/faulty-mesh.js'

const REQUESTS = {
  GET: 'GET / HTTP/1.1\r\nhost: svc\r\n\r\n',
  HEAD: 'HEAD / HTTP/1.1\r\nhost: svc\r\n\r\n',
  POST: 'POST / HTTP/1.1\r\nhost: svc\r\ncontent-length: 5\r\n\r\nhello',
  'POST in chunks': 'POST / HTTP/1.1\r\nhost: svc\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
} as const

const RESPONSES = {
  'of fixed length': 'HTTP/1.1 200 OK\r\ncontent-length: 5\r\nx: y\r\n\r\nhello',
  'in chunks, with trailers':
    'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2;a=b\r\nhe\r\n3\r\nllo\r\n0\r\nx-sum: 1\r\n\r\n',
  'after an interim one':
    'HTTP/1.1 103 Early Hints\r\nlink: <a>\r\n\r\nHTTP/1.1 200 OK\r\ncontent-length: 5\r\n\r\nhello',
  'until the end of its connection': 'HTTP/1.1 200 OK\r\nx: y\r\n\r\nhello',
} as const

const ENDS = ['fin', 'reset'] as const

interface Cut {
  readonly request: string
  readonly response: string
  readonly end: (typeof ENDS)[number]
  readonly withRetries: boolean
}

/** What the client must see when the server stops behind this many bytes. */
function expected({ request, response, end, withRetries }: Cut, bytes: number): string {
  const isHead = methodOf(request) === 'HEAD'
  const headEnd = response.indexOf('\r\n\r\n', response.indexOf('200 OK')) + 4
  if (bytes < headEnd) {
    if (!withRetries) return isHead ? '503' : `503 ${RESET} reset reason: connection termination`
    return isHead ? '200' : '200 good'
  }
  if (isHead) return '200'
  const isUntilClose = !/content-length|chunked/.test(response)
  if (isUntilClose && end === 'fin') return `200 ${response.slice(headEnd, bytes)}`.trim()
  return bytes === response.length && !isUntilClose ? '200 hello' : 'cut'
}

const RESET = 'upstream connect error or disconnect/reset before headers.'

describe('a server that ends its connection behind any byte of a response', () => {
  let faulty: FaultyMesh
  afterEach(() => faulty.close())

  const cuts = Object.entries(RESPONSES).flatMap(([kind, response]) =>
    Object.entries(REQUESTS).flatMap(([method, request]) =>
      ENDS.flatMap((end) =>
        [false, true].map((withRetries) => ({ kind, method, response, request, end, withRetries })),
      ),
    ),
  )

  it.each(cuts)('$kind, by $end, to $method, with retries: $withRetries', async (cut) => {
    faulty = await FaultyMesh.start(cut.withRetries ? WITH_RETRIES : {})
    const wrong: string[] = []
    for (let bytes = 0; bytes <= cut.response.length; bytes++) {
      faulty.server.misbehave({ steps: ['await body', { send: cut.response.slice(0, bytes) }, cut.end] })
      const { answer } = await faulty.call(cut.request)
      if (answer !== expected(cut, bytes)) wrong.push(`${bytes}: ${answer}, not ${expected(cut, bytes)}`)
    }
    expect(wrong).toEqual([])
    await faulty.expectNothingLeft()
  })

  it('resets a client of HTTP/1.0 whose response is cut, for FIN would say that it is whole', async () => {
    faulty = await FaultyMesh.start()
    const response = 'HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n5\r\nhello\r\n'
    faulty.server.misbehave({ steps: [{ send: response }, 'fin'] })
    const client = await faulty.client()
    await client.send('GET / HTTP/1.0\r\nhost: svc\r\n\r\n')
    expect((await see(client, 'GET')).answer).toBe('cut')
    expect(client.end).toBe('reset')
    await faulty.expectNothingLeft()
  })
})

describe('a client that leaves', () => {
  let faulty: FaultyMesh
  afterEach(() => faulty.close())

  const leavings = Object.entries(REQUESTS).flatMap(([method, request]) =>
    ENDS.map((end) => ({ method, request, end })),
  )

  it.each(leavings)('by $end behind any byte of its $method is no request', async ({ request, end }) => {
    faulty = await FaultyMesh.start()
    for (let bytes = 0; bytes < request.length; bytes++) {
      const client = await faulty.client()
      await client.send(request.slice(0, bytes))
      if (end === 'fin') client.fin()
      else client.reset()
      await client.until(() => false)
      expect([bytes, client.read([methodOf(request)])]).toEqual([bytes, { responses: [], rest: 'nothing' }])
      faulty.leave(client)
    }
    expect(faulty.server.completeRequests).toBe(0)
    expect(await faulty.call(request)).toMatchObject({ answer: methodOf(request) === 'HEAD' ? '200' : '200 good' })
    await faulty.expectNothingLeft()
  })

  it.each(Object.entries(REQUESTS))(
    'by reset behind any byte of the answer to %s leaves nothing',
    async (_, request) => {
      faulty = await FaultyMesh.start()
      const response = RESPONSES['in chunks, with trailers']
      for (let bytes = 1; bytes <= response.length; bytes++) {
        faulty.server.misbehave({ steps: ['await body', { drip: response }], leavesClear: true })
        const client = await faulty.client()
        await client.send(request)
        const isWhole = () => client.read([methodOf(request)]).responses.length > 0
        await client.until(() => client.received.length >= bytes || isWhole())
        client.reset()
        faulty.leave(client)
      }
      await faulty.expectNothingLeft()
    },
  )
})

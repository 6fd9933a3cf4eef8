import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { waitFor } from '@fairlead/testkit'
import { RawPeer } from './testdata/raw-peer.js'
import { oneService, TestMesh } from './testdata/test-mesh.js'

const NEXT = 'GET /next HTTP/1.1\r\nHost: svc\r\n\r\n'
const NEXT_FORWARDED = 'GET /next HTTP/1.1\r\nhost: svc\r\n\r\n'
const OK = 'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const OK_AND_CLOSE = OK.replace('\r\n\r\n', '\r\nconnection: close\r\n\r\n')
const post = (length: number, ...fields: string[]) =>
  ['POST / HTTP/1.1', 'Host: svc', `Content-Length: ${length}`, ...fields, '', ''].join('\r\n')
const EXPECT = 'Expect: 100-continue'

/** RFC 9110 10.1.1 and 15.2, RFC 9112 9.3: in which order the two messages of an exchange may come, and what is left. */
describe('an exchange', () => {
  let mesh: TestMesh
  let upstreams: RawPeer[]
  let client: RawPeer

  beforeEach(async () => {
    mesh = await TestMesh.start()
    upstreams = []
    const endpoint = await mesh.serveRaw((socket) => void upstreams.push(new RawPeer(socket)))
    await mesh.apply(oneService([endpoint]))
    client = RawPeer.connect(mesh.port)
  })
  afterEach(() => mesh.close())

  async function ask(request: string): Promise<RawPeer> {
    client.send(request)
    await waitFor('the request', () => upstreams[0]?.text.includes('\r\n\r\n') === true)
    return upstreams[0]!
  }

  /** Whether the client's connection serves on, and on which of the upstream's connections. */
  async function next(connections: number): Promise<void> {
    const before = client.text
    client.send(NEXT)
    await waitFor('the next request', () => upstreams[connections - 1]?.text.endsWith(NEXT_FORWARDED) === true)
    upstreams[connections - 1]!.send(OK)
    await waitFor('the next answer', () => client.text === before + OK)
    expect(upstreams).toHaveLength(connections)
  }

  it('waits for the 100 of its upstream, sends its body, and leaves both connections usable', async () => {
    const upstream = await ask(post(4, EXPECT))
    expect(upstream.text).toContain(`\r\n${EXPECT}\r\n`)
    upstream.send('HTTP/1.1 100 Continue\r\n\r\n')
    await waitFor('100', () => client.text === 'HTTP/1.1 100 Continue\r\n\r\n')
    client.send('body')
    await waitFor('the body', () => upstream.afterHead === 'body')
    upstream.send(OK)
    await waitFor('the answer', () => client.text.endsWith(OK))
    await next(1)
  })

  it('ends both connections with a final answer in place of the 100', async () => {
    const upstream = await ask(post(4, EXPECT))
    upstream.send(OK)
    await waitFor('the close', () => upstream.ended && client.ended)
    expect(client.text).toBe(OK_AND_CLOSE)
    expect(upstream.afterHead).toBe('')
  })

  it('sends a body that did not wait, and reads its rest where the answer came first', async () => {
    const upstream = await ask(`${post(8, EXPECT)}body`)
    await waitFor('the body', () => upstream.afterHead === 'body')
    upstream.send(OK)
    await waitFor('the answer', () => client.text === OK)
    await waitFor('the close', () => upstream.ended)
    client.send('rest')
    await next(2)
  })

  it('is over for the upstream when the client that was told to continue goes', async () => {
    const upstream = await ask(post(4, EXPECT))
    upstream.send('HTTP/1.1 100 Continue\r\n\r\n')
    await waitFor('100', () => client.text.length > 0)
    client.socket.end()
    await waitFor('the close', () => upstream.ended)
    await waitFor('the end', () => mesh.stat('http.outbound', 'downstream_rq_active') === 0)
    expect(mesh.flags()).toEqual(['DC'])
  })

  it('passes interim answers on in order, and none of them to HTTP/1.0', async () => {
    const interim = ['HTTP/1.1 102 Processing', 'HTTP/1.1 103 Early Hints\r\nLink: </a>', 'HTTP/1.1 102 Processing']
    const bytes = interim.map((head) => `${head}\r\n\r\n`).join('')
    const upstream = await ask(NEXT)
    upstream.send(bytes + OK)
    await waitFor('the answer', () => client.text === bytes + OK)
    const old = RawPeer.connect(mesh.port)
    old.send(NEXT.replace('HTTP/1.1', 'HTTP/1.0'))
    await waitFor('the second request', () => upstream.text === NEXT_FORWARDED + NEXT_FORWARDED)
    upstream.send(bytes + OK)
    await waitFor('the close', () => old.ended)
    expect(old.text).toBe(OK_AND_CLOSE)
  })

  it('closes the upstream behind an early answer, and serves the client on after a short rest', async () => {
    const upstream = await ask(`${post(8)}body`)
    upstream.send(OK)
    await waitFor('the answer', () => client.text === OK)
    await waitFor('the close', () => upstream.ended)
    client.send('rest')
    await next(2)
  })

  it('closes both behind an early answer to a body too long to be read in vain', async () => {
    const upstream = await ask(`${post(10_000_000)}body`)
    upstream.send(OK)
    await waitFor('the close', () => upstream.ended && client.ended)
    // The head left while the rest could still have come.
    expect(client.text).toBe(OK)
  })

  it('goes both ways at once, and leaves both connections usable when the request ends first', async () => {
    const upstream = await ask(`${post(8)}body`)
    upstream.send('HTTP/1.1 200 OK\r\ncontent-length: 4\r\n\r\nan')
    await waitFor('half of the answer', () => client.text.endsWith('an'))
    client.send('rest')
    await waitFor('the rest', () => upstream.afterHead === 'bodyrest')
    upstream.send('sw')
    await waitFor('the answer', () => client.text.endsWith('answ'))
    await next(1)
  })

  it.each([
    ['HEAD', 'HTTP/1.1 200 OK\r\ncontent-length: 9\r\n\r\n'],
    ['GET', 'HTTP/1.1 204 No Content\r\n\r\n'],
    ['GET', 'HTTP/1.1 205 Reset Content\r\ncontent-length: 0\r\n\r\n'],
    ['GET', 'HTTP/1.1 304 Not Modified\r\ncontent-length: 9\r\n\r\n'],
  ])('needs no body: %s, %j', async (method, answer) => {
    const upstream = await ask(`${method} / HTTP/1.1\r\nHost: svc\r\n\r\n`)
    upstream.send(answer)
    await waitFor('the answer', () => client.text === answer)
    await next(1)
  })

  it('whose answer ends with the connection is chunked, and the client served on', async () => {
    const upstream = await ask(NEXT)
    upstream.socket.end('HTTP/1.1 200 OK\r\n\r\nuntil the end')
    await waitFor('the answer', () => client.text.endsWith('\r\n0\r\n\r\n'))
    expect(client.text).toBe('HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\nd\r\nuntil the end\r\n0\r\n\r\n')
    await next(2)
  })
})

import type { ConnectionAttributes } from '../../http/connection-attributes.js'
import type { ClientConnection, ClientExchange, ServerExchange, ServerExchangeOwner } from '../../http/exchange.js'
import { TimerWheel } from '../../io/timer-wheel.js'
import { createHttp1ClientConnection } from '../client-connection.js'
import { DEFAULT_HTTP1_LIMITS } from '../limits.js'
import { createHttp1ServerConnection } from '../server-connection.js'
import { MemoryStream } from './memory-stream.js'
import { naiveChunked } from './naive-reader.js'

export const ATTRIBUTES: ConnectionAttributes = {
  direction: 'outbound', peerAddress: '127.0.0.1', peerPort: 1, localAddress: '127.0.0.1', localPort: 2,
  originalDestination: null, secure: false, principal: null, serverName: null, applicationProtocol: null,
}
export const NO_EDITS = { target: null, authority: null, fields: null, own: null, upgrade: false }
const stillClock = { now: () => 0, every: () => () => {} }
const OK = { status: 200, fields: [], body: null }

export interface Outcome {
  /** What the upstream saw, chunked bodies as `<body>trailers`, cut off ones without `>`. */
  forwarded: string
  /** The same, one string a request. */
  requests: string[]
  /** The bytes of each. */
  written: string[]
  /** The last status of a refusal, or null. */
  refused: number | null
}

/** Server codec, client codec, and the least between them: each request goes to a connection of its own. */
export function forwardRequests(pieces: readonly string[]): Outcome {
  const wheel = new TimerWheel(stillClock)
  const client = new MemoryStream()
  const upstreams: MemoryStream[] = []
  const handler = { onRequest: (exchange: ServerExchange) => forward(exchange, upstreams, wheel) }
  createHttp1ServerConnection(client, ATTRIBUTES, handler, { onLimit() {}, onConnectionClosed() {} }, wheel, DEFAULT_HTTP1_LIMITS)
  for (const piece of pieces) client.feed(piece)
  const statuses = [...client.written.matchAll(/HTTP\/1\.1 (\d{3}) /g)].map((match) => Number(match[1]))
  const last = statuses.at(-1) ?? 200
  const requests = upstreams.map((stream) => canonical(stream.written))
  const written = upstreams.map((stream) => stream.written)
  return { forwarded: requests.join(''), requests, written, refused: last === 200 ? null : last }
}

function forward(exchange: ServerExchange, upstreams: MemoryStream[], wheel: TimerWheel): void {
  const stream = new MemoryStream()
  upstreams.push(stream)
  const owner = { onSlotFree() {}, onLimit() {}, onConnectionClosed() {} }
  const connection: ClientConnection = createHttp1ClientConnection(stream, owner, wheel, DEFAULT_HTTP1_LIMITS)
  const sink = { onData: () => true, onEnd() {}, onInformational() {}, onUpgrade() {}, onResponse() {}, onRequestWritable() {}, onResponseReset() {} }
  const upstream = connection.open(sink)
  const { bodyLength } = exchange.request
  exchange.owner = new Forwarder(exchange, upstream)
  const edits = { ...NO_EDITS, upgrade: exchange.request.upgrade }
  upstream.sendRequest(exchange.request, edits, bodyLength, bodyLength === 0)
  if (bodyLength === 0) exchange.sendLocalReply(OK, null)
  else exchange.startRequestBody()
}

class Forwarder implements ServerExchangeOwner {
  constructor(private readonly down: ServerExchange, private readonly up: ClientExchange) {}
  onData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.up.sendData(bytes, start, end)
  }
  onEnd(trailers: Parameters<ClientExchange['endRequest']>[0]): void {
    this.up.endRequest(trailers)
    this.down.sendLocalReply(OK, null)
  }
  onResponseWritable(): void {}
  onRequestReset(): void {}
  onStreamIdle(): void {}
  onExchangeEnd(): void {}
}

/** How a message was cut into chunks depends on how it arrived: its bytes do not. */
export function canonical(message: string): string {
  const end = message.indexOf('\r\n\r\n') + 4
  if (end === 3 || !/\r\ntransfer-encoding: chunked\r\n/.test(message.slice(0, end))) return message
  const head = message.slice(0, end)
  const whole = naiveChunked(message.slice(end))
  if (whole === 'error') return `${head}BROKEN ${message.slice(end)}`
  if (whole !== 'more') return `${head}<${whole.body}>${whole.trailers.map((line) => `${line}\r\n`).join('')}`
  const begun = naiveChunked(`${message.slice(end)}0\r\n\r\n`)
  return typeof begun === 'string' ? `${head}BROKEN ${message.slice(end)}` : `${head}<${begun.body}`
}


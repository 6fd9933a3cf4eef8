import type { ClientExchange, ResponseSink, ServerExchange } from '../../http/exchange.js'
import type { ResponseHead } from '../../http/head.js'
import { TimerWheel } from '../../io/timer-wheel.js'
import { createHttp1ClientConnection } from '../client-connection.js'
import { DEFAULT_HTTP1_LIMITS } from '../limits.js'
import { createHttp1ServerConnection } from '../server-connection.js'
import { ATTRIBUTES, canonical, NO_EDITS } from './forwarding-proxy.js'
import { MemoryStream } from './memory-stream.js'
import { type ResponseRow } from './response-rows.js'

const stillClock = { now: () => 0, every: () => () => {} }

export interface Answer {
  answer: 502 | string
  fate: ResponseRow['fate']
  /** How often the slot was offered again. */
  freed: number
  /** All bytes that the client got. */
  written: string
}

/** One request through both codecs, then the row's response in these pieces. */
export function answerWith(row: Pick<ResponseRow, 'method' | 'minor' | 'fin' | 'upgrade'>, pieces: readonly string[]): Answer {
  const wheel = new TimerWheel(stillClock)
  const client = new MemoryStream()
  const upstream = new MemoryStream()
  let free = 0
  const owner = { onSlotFree: () => void free++, onLimit() {}, onConnectionClosed() {} }
  const connection = createHttp1ClientConnection(upstream, owner, wheel, DEFAULT_HTTP1_LIMITS)
  const handler = {
    onRequest(exchange: ServerExchange) {
      exchange.owner = { onData: () => true, onEnd() {}, onResponseWritable() {}, onRequestReset() {}, onStreamIdle() {}, onExchangeEnd() {} }
      const sink = new Answering(exchange)
      sink.up = connection.open(sink)
      sink.up.sendRequest(exchange.request, { ...NO_EDITS, upgrade: exchange.request.upgrade }, 0, true)
    },
  }
  createHttp1ServerConnection(client, ATTRIBUTES, handler, { onLimit() {}, onConnectionClosed() {} }, wheel, DEFAULT_HTTP1_LIMITS)
  const upgrade = row.upgrade ? 'Connection: Upgrade\r\nUpgrade: websocket\r\n' : ''
  client.feed(`${row.method} / HTTP/1.${row.minor}\r\nHost: a\r\n${upgrade}\r\n`)
  for (const piece of pieces) upstream.feed(piece)
  if (row.fin && !upstream.closed) upstream.handler.onEnd()
  const cut = client.closed
  const answer = client.written.startsWith('HTTP/1.1 502') ? 502 : answerText(client.written)
  const open = free > 0 ? 'kept' : 'tunnel'
  return { answer, fate: cut ? 'cut' : upstream.closed ? 'closed' : open, freed: free, written: client.written }
}

function answerText(written: string): string {
  const interim = /^(?:HTTP\/1\.1 1\d\d .*\r\n(?:.+\r\n)*\r\n)*/.exec(written)![0]
  const final = written.slice(interim.length)
  return interim + (final.startsWith('HTTP/1.1 502') ? 'BAD' : canonical(final))
}

class Answering implements ResponseSink {
  up: ClientExchange | null = null
  private begun = false
  constructor(private readonly down: ServerExchange) {}
  onInformational(head: ResponseHead): void {
    this.down.sendInformational(head)
  }
  onUpgrade(head: ResponseHead): void {
    this.begun = true
    this.down.acceptUpgrade(head, null)
  }
  onResponse(head: ResponseHead, endOfMessage: boolean): void {
    this.begun = true
    this.down.sendResponse(head, null, endOfMessage)
  }
  onData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.down.sendData(bytes, start, end)
  }
  onEnd(trailers: Parameters<ServerExchange['endResponse']>[0]): void {
    this.down.endResponse(trailers)
  }
  onRequestWritable(): void {}
  onResponseReset(): void {
    if (this.begun) this.down.reset(4)
    else this.down.sendLocalReply({ status: 502, fields: [], body: null }, null)
  }
}

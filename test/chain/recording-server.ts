import { once } from 'node:events'
import { createServer, type Socket } from 'node:net'
import type { AddressInfo } from 'node:net'
import { takeRequest, type RequestMessage, valuesOf } from './grammar.js'

/** Instead of the server's own answer, to the next request. */
export interface RawAnswer {
  readonly text: string
  /** FIN behind it. */
  readonly fin: boolean
}

/** The last server of a chain: reads strictly, remembers everything, answers each request with what it was. */
export interface RecordingServer {
  readonly port: number
  /** Complete requests in the order of their last byte. */
  readonly seen: readonly RequestMessage[]
  /** What broke the grammar, with the bytes around. */
  readonly violations: readonly string[]
  /** Heads of requests whose sender closed before they were complete. */
  readonly cut: readonly string[]
  /** Resolves when the bytes were handed over and, with a FIN, when the connection is closed from both sides. */
  answerNext(answer: RawAnswer): Promise<void>
  close(): Promise<void>
}

/** Its field in every answer of the server: method and target of the request that it answers. */
export const ECHO = 'x-echo'
/** What a proxy may mark each request with that it framed, and the field in which the server gives it back. */
export const ID = 'x-id'
export const ID_ECHO = 'x-id-echo'
/** A request to a target with this prefix is answered as soon as its head is there. */
export const EARLY = '/early'

export async function startRecordingServer(): Promise<RecordingServer> {
  const sockets = new Set<Socket>()
  const record: Record = { seen: [], violations: [], cut: [], answer: null }
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.once('close', () => sockets.delete(socket))
    serve(socket, record)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    seen: record.seen,
    violations: record.violations,
    cut: record.cut,
    answerNext: (answer) => new Promise((done) => (record.answer = { ...answer, done })),
    close: async () => {
      sockets.forEach((socket) => socket.destroy())
      server.close()
      await once(server, 'close')
    },
  }
}

interface Record {
  readonly seen: RequestMessage[]
  readonly violations: string[]
  readonly cut: string[]
  answer: (RawAnswer & { readonly done: () => void }) | null
}

function serve(socket: Socket, record: Record): void {
  let text = ''
  let answeredEarly = false

  function onData(bytes: string): void {
    text += bytes
    for (;;) {
      const taken = takeRequest(text)
      if (taken === 'more') break
      if ('violation' in taken) {
        record.violations.push(`${taken.violation} in ${JSON.stringify(text.slice(0, 1000))}`)
        return void socket.destroy()
      }
      text = taken.rest
      record.seen.push(taken.message)
      if (!answeredEarly) answer(taken.message)
      answeredEarly = false
    }
    // With no body of its own, a head that goes on is a request, too.
    const head = takeRequest(text.replace(/\r\n(?:content-length|transfer-encoding): .*(?=\r\n)/i, ''))
    if (answeredEarly || head === 'more' || 'violation' in head || !head.message.target.startsWith(EARLY)) return
    answeredEarly = true
    answer(head.message)
  }

  function answer(request: RequestMessage): void {
    const raw = record.answer
    record.answer = null
    if (raw === null) return void socket.write(ownAnswer(request), 'latin1')
    if (!raw.fin) return void socket.write(raw.text, 'latin1', raw.done)
    socket.once('close', raw.done)
    socket.end(raw.text, 'latin1')
  }

  socket.setEncoding('latin1').on('data', onData)
  socket.on('end', () => socket.end())
  socket.on('error', () => {})
  socket.on('close', () => text !== '' && record.cut.push(text.split('\r\n\r\n')[0]!))
}

function ownAnswer({ method, target, fields }: RequestMessage): string {
  const id = valuesOf(fields, ID).map((value) => `${ID_ECHO}: ${value}\r\n`)
  const body = method === 'HEAD' ? '' : 'ok'
  return `HTTP/1.1 200 OK\r\n${ECHO}: ${method} ${target}\r\n${id.join('')}content-length: 2\r\n\r\n${body}`
}

/** `METHOD TARGET` of the request that the last server answered; undefined: the answer is not the server's. */
export function echoOf(response: { readonly fields: readonly { name: string; value: string }[] }): string | undefined {
  return valuesOf(response.fields, ECHO)[0]
}

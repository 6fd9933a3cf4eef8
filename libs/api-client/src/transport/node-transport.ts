import { readFileSync } from 'node:fs'
import http from 'node:http'
import https from 'node:https'
import { Readable } from 'node:stream'
import type { HttpAnswer, HttpRequest, Transport } from './transport.js'

const SAFE_METHODS: readonly string[] = ['GET', 'HEAD']

/**
 * HTTP by node:http(s) and not by fetch: Node's fetch takes no private CA without undici as a dependency.
 * @param caFile PEM of the only CAs that are trusted; without it Node's own.
 * @throws when the file cannot be read.
 */
export function nodeTransport(caFile?: string): Transport {
  const plain = new http.Agent({ keepAlive: true })
  const secure = new https.Agent({ keepAlive: true, ...(caFile ? { ca: readFileSync(caFile) } : {}) })
  return async (request) => {
    const agent = request.url.protocol === 'https:' ? secure : plain
    try {
      return await exchange(request, agent)
    } catch (error) {
      if (!(error instanceof IdleConnectionClosed) || !SAFE_METHODS.includes(request.method)) throw error
      // The server closed a kept connection just as we took it (RFC 9110 9.2.2): safe methods may go again.
      return exchange(request, agent)
    }
  }
}

class IdleConnectionClosed extends Error {}

function exchange(request: HttpRequest, agent: http.Agent | https.Agent): Promise<HttpAnswer> {
  const { method, url, headers, signal, body } = request
  return new Promise((resolve, reject) => {
    const module = url.protocol === 'https:' ? https : http
    const sent = module.request(url, { method, headers, agent, signal }, (message) => resolve(answer(message)))
    sent.on('error', (error: NodeJS.ErrnoException) => {
      const stale = sent.reusedSocket && error.code === 'ECONNRESET'
      reject(stale ? new IdleConnectionClosed(error.message, { cause: error }) : error)
    })
    if (body === undefined || typeof body === 'string') {
      sent.end(body)
      return
    }
    const source = Readable.from(body)
    source.on('error', (error) => sent.destroy(error))
    source.pipe(sent)
  })
}

function answer(message: http.IncomingMessage): HttpAnswer {
  return {
    status: message.statusCode ?? 0,
    header(name) {
      const value = message.headers[name]
      return value === undefined ? null : Array.isArray(value) ? value.join(', ') : value
    },
    body: message,
  }
}

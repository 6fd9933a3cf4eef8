// Nanoseconds to parse and to forward a request head:
// node --conditions=source --import ./tools/typescript.js apps/agent/src/http1/testdata/measure-parser.ts
import { DEFAULT_HTTP1_LIMITS } from '../limits.js'
import { RequestParser } from '../request-parser.js'
import { buildRequestHead } from '../head-writer.js'
import { cursor } from '../output-cursor.js'
import { MemoryStream } from './memory-stream.js'

const HEADS = {
  small: 'GET /api/v1/items HTTP/1.1\r\nHost: reviews.prod\r\n\r\n',
  post: 'POST /api/v1/items HTTP/1.1\r\nHost: reviews.prod\r\nContent-Type: application/json\r\nContent-Length: 128\r\n\r\n',
  typical: [
    'GET /api/v1/items?page=2&size=50 HTTP/1.1', 'Host: reviews.prod.svc.cluster.local:9080',
    'User-Agent: Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36', 'Accept: application/json', 'Accept-Encoding: gzip, deflate',
    'Accept-Language: en-US,en;q=0.9', 'Connection: keep-alive', 'x-request-id: 1f8b6c7e-6b1f-4b5e-8f0e-0d3c6f1c2a11',
    'traceparent: 00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', 'Cookie: session=abcdefghijklmnopqrstuvwxyz0123456789', '', '',
  ].join('\r\n'),
}
const edits = { target: null, authority: null, fields: null, own: null, upgrade: false }
class Sink extends MemoryStream {
  override write(): boolean {
    return true
  }
}
for (const [name, text] of Object.entries(HEADS)) {
  const bytes = Buffer.from(text)
  const parser = new RequestParser(DEFAULT_HTTP1_LIMITS)
  const sink = new Sink()
  const time = (label: string, run: () => void) => {
    for (let i = 0; i < 200_000; i++) run()
    const results: number[] = []
    for (let round = 0; round < 9; round++) {
      const start = process.cpuUsage()
      for (let i = 0; i < 200_000; i++) run()
      const used = process.cpuUsage(start)
      results.push(((used.user + used.system) * 1000) / 200_000)
    }
    console.log(`${name} (${bytes.length} B) ${label}: ${results.sort((a, b) => a - b)[4]!.toFixed(0)} ns CPU, median of 9`)
  }
  const parse = () => {
    if (parser.feed(bytes, 0, bytes.length) !== 1) throw new Error('not parsed')
    parser.started = false
  }
  time('parse', parse)
  time('parse and rewrite', () => {
    parse()
    buildRequestHead(parser.head, edits, -2)
    cursor.write(sink)
  })
}

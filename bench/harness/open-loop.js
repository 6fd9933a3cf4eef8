// Run by bench/latency.js: requests at a fixed rate, whatever the answers do. PORT HOST PATH BODY_BYTES RATE SECONDS
// Each millisecond has its share of the requests, and an answer's latency counts from that millisecond, not from the
// moment when the request could be sent: a server that stands still is charged for all that waited (no coordinated
// omission). Prints one JSON line.
import { connect } from 'node:net'
import { quantile } from './statistics.js'

const [port, host, path, bodyBytes, rate, seconds] = process.argv
  .slice(2)
  .map((text) => (/^\d+$/.test(text) ? Number(text) : text))
/** More would measure the kernel's connection tables. */
const CONNECTIONS_MAX = 1024
/** For what is still under way at the end. */
const GRACE_MS = 2000

const bytes = Buffer.from(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`)
const idle = []
const waiting = []
const latenciesMs = []
let connections = 0
let failures = 0

class Connection {
  dueMs = 0
  received = 0
  bodyStart = -1

  constructor() {
    connections++
    this.socket = connect({ port, host: '127.0.0.1', noDelay: true })
    this.socket.on('data', (chunk) => this.onData(chunk))
    this.socket.on('error', () => failures++)
    this.socket.on('close', () => connections--)
  }

  send(dueMs) {
    this.dueMs = dueMs
    this.received = 0
    this.bodyStart = -1
    this.socket.write(bytes)
  }

  onData(chunk) {
    if (this.received === 0 && chunk.toString('latin1', 9, 12) !== '200') failures++
    if (this.bodyStart < 0) {
      const end = chunk.indexOf('\r\n\r\n')
      if (end >= 0) this.bodyStart = this.received + end + 4
    }
    this.received += chunk.length
    if (this.bodyStart < 0 || this.received < this.bodyStart + bodyBytes) return
    latenciesMs.push(performance.now() - this.dueMs)
    const due = waiting.shift()
    if (due === undefined) idle.push(this)
    else this.send(due)
  }
}

const startMs = performance.now()
let sent = 0
tick()

function tick() {
  const elapsedMs = performance.now() - startMs
  const due = Math.min(Math.floor((Math.floor(elapsedMs) * rate) / 1000), rate * seconds)
  for (; sent < due; sent++) start(startMs + Math.ceil((sent * 1000) / rate))
  if (sent < rate * seconds) setTimeout(tick, 1)
  else setTimeout(report, GRACE_MS)
}

function start(dueMs) {
  const connection = idle.pop() ?? (connections < CONNECTIONS_MAX ? new Connection() : null)
  if (connection === null) waiting.push(dueMs)
  else connection.send(dueMs)
}

function report() {
  const [p50, p99, p999] = [0.5, 0.99, 0.999].map((share) => quantile(latenciesMs, share))
  process.stdout.write(`${JSON.stringify({ p50, p99, p999, unanswered: sent - latenciesMs.length, failures })}\n`)
  process.exit(0)
}

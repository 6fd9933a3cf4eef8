// Run by bench/connections.js, so that the client's descriptors are not the agent's. PORT HOST PATH COUNT
// Opens keep-alive connections, each with one request behind it, says so on stdout, and keeps them until it is ended.
import { connect } from 'node:net'

const [port, host, path, count] = process.argv.slice(2)
/** A source address has about 28,000 ports, and other clients of this machine need some. */
const PER_SOURCE = 5_000
/** Requests under way at a time: the agent's connections to its upstream stay few. */
const AT_A_TIME = 16
const sockets = []

for (let opened = 0; opened < Number(count); opened += AT_A_TIME) {
  const batch = Math.min(AT_A_TIME, Number(count) - opened)
  await Promise.all(Array.from({ length: batch }, (_, i) => open(opened + i)))
}
process.stdout.write(`${JSON.stringify({ open: sockets.filter((socket) => !socket.destroyed).length })}\n`)
process.on('SIGTERM', () => process.exit(0))

function open(index) {
  return new Promise((resolve, reject) => {
    const localAddress = `127.0.0.${2 + Math.floor(index / PER_SOURCE)}`
    const socket = connect({ port: Number(port), host: '127.0.0.1', localAddress })
    sockets.push(socket)
    socket.once('connect', () => socket.write(`GET ${path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`))
    socket.once('data', () => resolve())
    socket.once('error', reject)
  })
}

// The proxy that is written in an afternoon: node:http in front and behind, connections kept. PORT UPSTREAM_PORT
import { Agent, createServer, request } from 'node:http'

const [port, upstreamPort] = process.argv.slice(2).map(Number)
const agent = new Agent({ keepAlive: true, maxSockets: Infinity, maxFreeSockets: 1024 })

const server = createServer((received, answer) => {
  const { method, url, headers } = received
  const sent = request({ host: '127.0.0.1', port: upstreamPort, method, path: url, headers, agent }, (response) => {
    answer.writeHead(response.statusCode, response.headers)
    response.pipe(answer)
  })
  sent.on('error', () => answer.writeHead(502).end())
  received.pipe(sent)
})
server.keepAliveTimeout = 3_600_000
server.listen({ port, host: '127.0.0.1', backlog: 4096 })

import { createServer } from 'node:http'

/** The demo's application: every answer says which version gave it. It knows no mesh. */
export function serveReviews(version: string, host: string, port: number): void {
  const body = JSON.stringify({ version })
  const headers = {
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
    'x-version': version,
  }
  // Idle connections of the agent's pool must not be cut off in the middle of the demo.
  const server = createServer({ keepAliveTimeout: 0 }, (_, response) => response.writeHead(200, headers).end(body))
  server.listen(port, host, () => process.stdout.write(`${JSON.stringify({ msg: 'service ready', host, port })}\n`))
  process.once('SIGTERM', () => {
    server.close(() => process.exit(0))
    server.closeAllConnections()
  })
  process.once('disconnect', () => process.exit(0))
}

import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, startServer } from '../harness/server-process.js'

/** Bare proxying: one thread, no log, no route but one, connections to the upstream kept and shared. */
export async function startHaproxy({ haproxy, folder, upstreamPort }) {
  const port = await freePort()
  const root = join(folder, 'haproxy')
  mkdirSync(root, { recursive: true })
  const file = join(root, 'haproxy.cfg')
  writeFileSync(
    file,
    `
global
  nbthread 1
  maxconn 8000
defaults
  mode http
  http-reuse always
  timeout connect 5s
  timeout client 3600s
  timeout server 60s
  timeout http-keep-alive 3600s
frontend bench
  bind 127.0.0.1:${port} backlog 4096
  default_backend upstream
backend upstream
  server upstream 127.0.0.1:${upstreamPort}
`,
  )
  return startServer({ name: 'haproxy', command: haproxy, args: ['-db', '-f', file], port })
}

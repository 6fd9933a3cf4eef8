import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, findProgram, freePort, startProgram, waitFor } from '@fairlead/testkit'
import { refuses } from '../agent/agent-process.js'
import { ID, ID_ECHO } from '../chain/recording-server.js'

/** In every answer: the id of the request that HAProxy holds it for the answer of. */
export const SENT_ID = 'x-id-sent'

/** Paths of the programs, or null where one is missing: the product never needs them. */
export function findProxyPrograms(): { readonly haproxy: string; readonly nginx: string } | null {
  const haproxy = findProgram('haproxy')
  const nginx = findProgram('nginx')
  return haproxy === null || nginx === null ? null : { haproxy, nginx }
}

export interface Backend {
  readonly serverPort: number
  /** With `option accept-invalid-http-request`: as much as possible comes through. */
  readonly isLenient: boolean
}

/**
 * HAProxy with a listener for each backend; resolves with their ports. Connections to servers are shared by all clients,
 * so that whatever is wrong with one meets the next request. HAProxy marks each request that it framed with an id of its own.
 */
export async function startHaproxy(
  path: string,
  folder: string,
  backends: readonly Backend[],
): Promise<{ readonly ports: readonly number[]; readonly child: Child }> {
  const ports = await Promise.all(backends.map(() => freePort()))
  const listeners = backends.map(
    ({ serverPort, isLenient }, i) => `listen l${i}
  bind 127.0.0.1:${ports[i]}
  ${isLenient ? 'option accept-invalid-http-request' : ''}
  http-response set-header ${SENT_ID} %[unique-id]
  server agent 127.0.0.1:${serverPort}
`,
  )
  const config = join(folder, 'haproxy.cfg')
  writeFileSync(
    config,
    `global
  maxconn 256
  tune.bufsize 262144
defaults
  mode http
  http-reuse always
  retries 0
  unique-id-format %rt
  unique-id-header ${ID}
  timeout connect 10s
  timeout client 10s
  timeout server 10s
${listeners.join('')}`,
  )
  const child = startProgram(path, ['-db', '-f', config])
  await listening('haproxy', child, ports)
  return { ports, child }
}

export interface Nginx {
  readonly port: number
  readonly child: Child
  /** Its access log as JSON, a line a request. */
  readonly accessLog: string
  readonly errorLog: string
}

/** nginx that answers 200 to everything, and tells in `x-echo` what it was asked. */
export async function startNginx(path: string, folder: string): Promise<Nginx> {
  const port = await freePort()
  const config = join(folder, 'nginx.conf')
  const accessLog = join(folder, 'access.log')
  const errorLog = join(folder, 'error.log')
  const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
    (name) => `${name}_temp_path ${folder}/${name};`,
  )
  writeFileSync(
    config,
    `daemon off;
master_process off;
pid ${folder}/nginx.pid;
error_log ${errorLog} info;
events { worker_connections 256; }
http {
  ${temporary.join('\n  ')}
  log_format json escape=json '{"request":"$request","status":"$status","id":"$http_x_id"}';
  access_log ${accessLog} json;
  large_client_header_buffers 4 70k;
  client_max_body_size 0;
  keepalive_requests 100000;
  server {
    listen 127.0.0.1:${port};
    location / {
      add_header x-echo "$request_method $request_uri" always;
      add_header ${ID_ECHO} "$http_x_id" always;
      return 200 ok;
    }
  }
}
`,
  )
  const child = startProgram(path, ['-e', errorLog, '-p', folder, '-c', config])
  await listening('nginx', child, [port])
  return { port, child, accessLog, errorLog }
}

async function listening(name: string, child: Child, ports: readonly number[]): Promise<void> {
  const died = child.exited.then((code) => {
    throw new Error(`${name} ended with ${code}: ${child.stderr()}`)
  })
  const all = waitFor(`${name} to listen`, async () => {
    const closed = await Promise.all(ports.map((port) => refuses(`127.0.0.1:${port}`)))
    return !closed.includes(true)
  })
  died.catch(() => {})
  await Promise.race([all, died])
}

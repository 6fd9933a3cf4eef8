import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, startServer } from '../harness/server-process.js'
import { workerUser } from './nginx-worker-user.js'

/** Bare proxying: one worker, no log, no route but one, connections to the upstream kept. */
export async function startNginx({ nginx, folder, upstreamPort }) {
  const port = await freePort()
  const root = join(folder, 'nginx')
  mkdirSync(root, { recursive: true })
  const file = join(root, 'nginx.conf')
  writeFileSync(
    file,
    `
${workerUser()}worker_processes 1;
daemon off;
pid ${root}/nginx.pid;
events { worker_connections 32768; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  client_max_body_size 0;
  client_body_temp_path ${root}/body;
  proxy_temp_path ${root}/proxy;
  fastcgi_temp_path ${root}/fastcgi;
  uwsgi_temp_path ${root}/uwsgi;
  scgi_temp_path ${root}/scgi;
  upstream bench { server 127.0.0.1:${upstreamPort}; keepalive 1024; keepalive_requests 1000000000; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    location / {
      proxy_pass http://bench;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Host $http_host;
      # Streams, as the others do: no temporary files on the way.
      proxy_request_buffering off;
      proxy_max_temp_file_size 0;
    }
  }
}
`,
  )
  return startServer({ name: 'nginx', command: nginx, args: ['-p', root, '-e', 'stderr', '-c', file], port })
}

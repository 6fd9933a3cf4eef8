import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, startServer } from '../harness/server-process.js'
import { workerUser } from './nginx-worker-user.js'

/**
 * What all peers proxy to: nginx that answers `/bytes/N` with N bytes and takes any body at `/upload/`, which it reads
 * to its end before it answers.
 */
export async function startUpstream({ nginx, folder, bodies }) {
  const port = await freePort()
  const root = join(folder, 'upstream')
  mkdirSync(join(root, 'bytes'), { recursive: true })
  bodies
    .filter((size) => size > RETURN_BYTES_MAX)
    .forEach((size) => {
      writeFileSync(join(root, 'bytes', `${size}`), Buffer.alloc(size, 'x'))
    })
  const file = join(root, 'nginx.conf')
  writeFileSync(file, config(port, root, bodies))
  return startServer({ name: 'upstream', command: nginx, args: ['-p', root, '-e', 'stderr', '-c', file], port })
}

/** nginx refuses longer words in its configuration: larger bodies are files. */
const RETURN_BYTES_MAX = 2048

function config(port, root, bodies) {
  const short = bodies
    .filter((size) => size <= RETURN_BYTES_MAX)
    .map((size) => `location = /bytes/${size} { return 200 "${'x'.repeat(size)}"; }`)
  return `
${workerUser()}worker_processes 1;
daemon off;
pid ${root}/nginx.pid;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 3600s;
  client_max_body_size 0;
  client_body_buffer_size 2m;
  client_body_temp_path ${root}/body;
  proxy_temp_path ${root}/proxy;
  fastcgi_temp_path ${root}/fastcgi;
  uwsgi_temp_path ${root}/uwsgi;
  scgi_temp_path ${root}/scgi;
  sendfile on;
  tcp_nopush on;
  open_file_cache max=16;
  default_type application/octet-stream;
  # Only a location that passes a request on waits for the whole of its body.
  upstream self { server 127.0.0.1:${port}; keepalive 512; }
  server {
    listen 127.0.0.1:${port} backlog=4096;
    root ${root};
    location / { }
    ${short.join('\n    ')}
    location = /taken { return 200 "taken"; }
    location /upload/ {
      proxy_pass http://self/taken;
      proxy_method GET;
      proxy_pass_request_body off;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_set_header Content-Length "";
    }
  }
}
`
}

import { execFile } from 'node:child_process'
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { promisify } from 'node:util'

/** An upper bound only: the script below ends a run by its count. */
const RUN_SECONDS_MAX = 120
/** Slow is a result; wrk's own two seconds would make an error of a busy machine. */
const ANSWER_SECONDS_MAX = 30

/**
 * A closed loop of about `requests` requests on one thread of wrk. Resolves with how many were answered, and how fast.
 * Rejects if any answer was no success, or any socket failed.
 */
export async function runWrk({ wrk, script, port, path, host, connections }) {
  const args = ['--threads', '1', '--connections', `${connections}`, '--duration', `${RUN_SECONDS_MAX}s`]
  args.push('--timeout', `${ANSWER_SECONDS_MAX}s`)
  const url = `http://127.0.0.1:${port}${path}`
  const { stdout } = await promisify(execFile)(wrk, [...args, '--script', script, '-H', `Host: ${host}`, url])
  const requests = Number(/(\d+) requests in/.exec(stdout)?.[1] ?? 0)
  const failures = /Socket errors: .*|Non-2xx or 3xx responses: \d+/.exec(stdout)?.[0]
  if (requests === 0 || failures !== undefined) throw new Error(`wrk ${url}: ${failures ?? stdout}`)
  return { requests, perSecond: Number(/Requests\/sec:\s+([\d.]+)/.exec(stdout)[1]) }
}

/**
 * wrk runs for a time, not for a number of requests, and its main thread sleeps until a signal: its script counts and
 * interrupts it, which is how wrk is ended by hand. `requests` more may come in the tenth of a second that it takes.
 */
export function writeWrkScript(folder, { requests, uploadBytes = 0, keepAlive = true }) {
  const path = join(folder, `wrk-${requests}-${uploadBytes}-${keepAlive}.lua`)
  writeFileSync(
    path,
    `${uploadBytes > 0 ? `wrk.method = 'POST'\nwrk.body = string.rep('u', ${uploadBytes})\n` : ''}
${keepAlive ? '' : `wrk.headers['Connection'] = 'close'\n`}
local ffi = require('ffi')
ffi.cdef('int kill(int, int); int getpid(void);')
local SIGINT = 2
local sent = 0
local bytes
function init() bytes = wrk.format() end
function request()
  sent = sent + 1
  if sent == ${requests} then ffi.C.kill(ffi.C.getpid(), SIGINT) end
  return bytes
end
`,
  )
  return path
}

import { spawn } from 'node:child_process'
import { createServer, connect } from 'node:net'
import { once } from 'node:events'
import { waitFor } from '@fairlead/testkit'

const running = new Set()
// A bench that dies leaves no process behind; SIGTERM, so that nginx's master takes its worker with it.
process.once('exit', () => running.forEach((child) => child.kill('SIGTERM')))
process.once('SIGINT', () => process.exit(130))
process.once('SIGTERM', () => process.exit(143))

/**
 * Starts a server in the foreground and resolves when `port` accepts. What it wrote is in the rejection if it ends
 * before.
 */
export async function startServer({ name, command, args, port, env = {} }) {
  const child = spawn(command, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] })
  running.add(child)
  let output = ''
  const keep = (text) => (output += text)
  child.stdout.setEncoding('utf8').on('data', keep)
  child.stderr.setEncoding('utf8').on('data', keep)
  const exited = once(child, 'close').finally(() => running.delete(child))
  let ended = false
  exited.catch(() => {}).finally(() => (ended = true))
  await waitFor(`${name} to listen on ${port}`, () => ended || accepts(port), 30_000).catch((error) => {
    throw new Error(`${error.message}\n${output}`)
  })
  if (ended) throw new Error(`${name} ended: ${output}`)
  return {
    name,
    pid: child.pid,
    port,
    /** Everything written so far. */
    output: () => output,
    async stop() {
      child.kill('SIGTERM')
      const hard = setTimeout(() => child.kill('SIGKILL'), 3000)
      await exited
      clearTimeout(hard)
    },
  }
}

/** A port of 127.0.0.1 that is free now. */
export async function freePort() {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address()
  server.close()
  await once(server, 'close')
  return port
}

function accepts(port) {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.once('connect', () => resolve(true) || socket.destroy())
    socket.once('error', () => resolve(false))
  })
}

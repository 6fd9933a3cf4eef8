import { execFile, spawn, type ChildProcess } from 'node:child_process'
import { chown, readdir } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { freePort } from './free-port.js'
import { tempFolder } from './temp-folder.js'
import { waitFor } from './wait-for.js'

export interface PostgresServer {
  /** For `pg` and `DATABASE_URL`: TCP on 127.0.0.1, superuser, no password. */
  readonly url: string
  /** As a power cut would: every backend at once, recovery at the next start. */
  kill(): Promise<void>
  /** After `kill`, on the same folder and port. */
  start(): Promise<void>
  /** Stops the server and removes its folder. */
  stop(): Promise<void>
}

const run = promisify(execFile)
const debianRoot = '/usr/lib/postgresql'

/** Newest installed server's `bin` folder (Debian's layout), or null: the caller says that its suite did not run. */
export async function findPostgres(): Promise<string | null> {
  const versions = await readdir(debianRoot).catch(() => [])
  const newest = versions.filter((v) => /^\d+$/.test(v)).sort((a, b) => Number(b) - Number(a))[0]
  return newest === undefined ? null : join(debianRoot, newest, 'bin')
}

/**
 * A real PostgreSQL in a temporary folder. The server refuses to run as root, so root runs it as the `postgres` user
 * that comes with the package.
 */
export async function startPostgres(bin: string): Promise<PostgresServer> {
  const folder = await tempFolder('postgres')
  const identity = await serverIdentity()
  if (identity !== null) await chown(folder.path, identity.uid, identity.gid)
  const data = join(folder.path, 'data')
  await run(join(bin, 'initdb'), ['-D', data, '-U', 'postgres', '-A', 'trust', '-E', 'UTF8', '--no-locale'], {
    ...identity,
    cwd: folder.path,
  })
  const port = await freePort()
  const url = `postgres://postgres@127.0.0.1:${port}/postgres`
  let server: ChildProcess | null = null

  async function start(): Promise<void> {
    const options = ['-D', data, '-p', String(port), '-h', '127.0.0.1', '-k', folder.path, '-c', 'max_connections=200']
    const child = spawn(join(bin, 'postgres'), options, { ...identity, cwd: folder.path, stdio: 'ignore' })
    server = child
    await waitFor('PostgreSQL to accept connections', async () => {
      if (child.exitCode !== null) throw new Error(`postgres exited with ${child.exitCode}`)
      await run(join(bin, 'pg_isready'), ['-h', '127.0.0.1', '-p', String(port), '-q'])
      return true
    })
  }

  async function end(signal: NodeJS.Signals): Promise<void> {
    const child = server
    server = null
    if (child === null || child.exitCode !== null || child.signalCode !== null) return
    await new Promise((resolve) => {
      child.once('exit', resolve)
      child.kill(signal)
    })
  }

  await start()
  return {
    url,
    start,
    // SIGQUIT is PostgreSQL's immediate shutdown: no checkpoint, so the next start recovers from the log.
    kill: () => end('SIGQUIT'),
    stop: async () => {
      await end('SIGINT')
      await folder.remove()
    },
  }
}

async function serverIdentity(): Promise<{ uid: number; gid: number } | null> {
  if (process.getuid?.() !== 0) return null
  const ids = await Promise.all(['-u', '-g'].map((flag) => run('id', [flag, 'postgres'])))
  const [uid, gid] = ids.map(({ stdout }) => Number(stdout.trim()))
  return { uid: uid!, gid: gid! }
}

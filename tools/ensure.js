import { createHash } from 'node:crypto'
import { existsSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { root, run } from './run.js'

const LOCK = join(root, 'package-lock.json')
const MODULES = join(root, 'node_modules')
/** Holds the hash of the lock file that node_modules was installed by. */
const STAMP = join(MODULES, '.fairlead-install')

/** @throws when this Node is too old: before anything else fails in a way that nobody understands. */
export function ensureNode() {
  const [major, minor] = process.versions.node.split('.').map(Number)
  const isNewEnough = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major > 22
  if (!isNewEnough) {
    throw new Error(
      `Fairlead needs Node 20.19 or later, or 22.12 or later; this is ${process.versions.node} (${process.execPath})`,
    )
  }
}

/** Installs the dependencies unless node_modules is already what the lock file says. Needs the network only then. */
export async function ensureInstalled() {
  ensureNode()
  const wanted = createHash('sha256').update(readFileSync(LOCK)).digest('hex')
  if (isInstalled(wanted)) return
  process.stderr.write('Installing dependencies (npm install): once, takes a minute or two ...\n')
  // Not npm ci: it would leave out what the lock file has no entry for, the binaries of other platforms.
  await run('npm', ['install', '--no-save', '--no-audit', '--no-fund', '--progress=false'])
  writeFileSync(STAMP, wanted)
}

/** Compiles what changed since the last time. */
export async function ensureBuilt() {
  const isFirst = !existsSync(join(root, 'apps/controller/dist/main.js'))
  if (isFirst) process.stderr.write('Building (tsc -b): the first time takes half a minute ...\n')
  const start = performance.now()
  await run('tsc', ['-b'])
  if (isFirst) process.stderr.write(`Built in ${((performance.now() - start) / 1000).toFixed(0)} s\n`)
}

function isInstalled(wanted) {
  if (existsSync(STAMP)) return readFileSync(STAMP, 'utf8') === wanted
  // Installed by hand (npm ci), and after the lock file was last written: as good as by us.
  const installed = statSync(join(MODULES, '.package-lock.json'), { throwIfNoEntry: false })
  if (installed === undefined || installed.mtimeMs < statSync(LOCK).mtimeMs) return false
  writeFileSync(STAMP, wanted)
  return true
}

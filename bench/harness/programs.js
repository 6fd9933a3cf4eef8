import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { run, step } from '../../tools/run.js'

/** Debian package of each program. */
const packages = { wrk: 'wrk', nginx: 'nginx-light', haproxy: 'haproxy', valgrind: 'valgrind' }

/**
 * Paths of `names` by name. Root on Debian gets what is missing installed; anybody else is told what to install.
 * @throws when one of them cannot be had
 */
export async function providePrograms(names) {
  const missing = names.filter((name) => findProgram(name) === null)
  if (missing.length > 0) {
    const wanted = missing.map((name) => packages[name])
    if (process.getuid?.() !== 0 || !existsSync('/usr/bin/apt-get')) {
      throw new Error(`missing: ${missing.join(', ')}; as root: apt-get install ${wanted.join(' ')}`)
    }
    await step(`install ${wanted.join(', ')}`, () => install(wanted))
  }
  return Object.fromEntries(names.map((name) => [name, findProgram(name)]))
}

/** Path of an executable, or null. Servers are in /usr/sbin, which is not on every user's PATH. */
export function findProgram(name) {
  const folders = [...(process.env.PATH ?? '').split(delimiter), '/usr/sbin', '/usr/local/sbin']
  return folders.map((folder) => join(folder, name)).find((path) => existsSync(path)) ?? null
}

async function install(wanted) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['-qq', 'update'], { env })
  await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...wanted], { env })
}

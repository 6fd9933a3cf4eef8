import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { run, step } from './run.js'

const installedUnder = '/usr/lib/postgresql'

/**
 * Database tests run on a real PostgreSQL that they start themselves. Root on Debian gets its package installed;
 * anybody else is told. Resolves with null, or with the reason why there is none.
 */
export async function providePostgres() {
  if (isInstalled()) return null
  if (process.getuid?.() !== 0) return `none under ${installedUnder}; as root: apt-get install postgresql`
  if (!existsSync('/usr/bin/apt-get')) return `none under ${installedUnder}, and no apt-get to install it`
  await step('install PostgreSQL', install)
  return isInstalled() ? null : `apt-get installed nothing under ${installedUnder}`
}

async function install() {
  // The package's own cluster would take port 5432 and stay behind.
  mkdirSync('/etc/postgresql-common', { recursive: true })
  const config = '/etc/postgresql-common/createcluster.conf'
  if (!existsSync(config)) writeFileSync(config, 'create_main_cluster = false\n')
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  await run('apt-get', ['-qq', 'update'], { env })
  await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', 'postgresql'], { env })
}

function isInstalled() {
  return (
    existsSync(installedUnder) &&
    readdirSync(installedUnder).some((v) => existsSync(`${installedUnder}/${v}/bin/initdb`))
  )
}

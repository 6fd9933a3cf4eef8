import { existsSync, mkdirSync, readdirSync, writeFileSync } from 'node:fs'
import { installPackages, whyNoAptGet } from './apt-get.js'
import { step } from './run.js'

const installedUnder = '/usr/lib/postgresql'

/**
 * Database tests run on a real PostgreSQL that they start themselves. Root on Debian gets its package installed;
 * anybody else is told. Resolves with null, or with the reason why there is none.
 */
export async function providePostgres() {
  if (isInstalled()) return null
  const reason = whyNoAptGet()
  if (reason !== null) return `none under ${installedUnder}; apt-get install postgresql: ${reason}`
  await step('install PostgreSQL', install)
  return isInstalled() ? null : `apt-get installed nothing under ${installedUnder}`
}

async function install() {
  // The package's own cluster would take port 5432 and stay behind.
  mkdirSync('/etc/postgresql-common', { recursive: true })
  const config = '/etc/postgresql-common/createcluster.conf'
  if (!existsSync(config)) writeFileSync(config, 'create_main_cluster = false\n')
  await installPackages('postgresql')
}

function isInstalled() {
  return (
    existsSync(installedUnder) &&
    readdirSync(installedUnder).some((v) => existsSync(`${installedUnder}/${v}/bin/initdb`))
  )
}

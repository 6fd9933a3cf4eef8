import { existsSync } from 'node:fs'
import { installPackages, whyNoAptGet } from './apt-get.js'
import { step } from './run.js'

const programs = ['haproxy', 'nginx']
const folders = [...(process.env.PATH ?? '').split(':'), '/usr/local/sbin', '/usr/sbin', '/sbin']

/**
 * Tests of how the agent gets along with other proxies start real ones. Root on Debian gets their packages installed;
 * anybody else is told. Resolves with null, or with the reason why they are not there.
 */
export async function provideProxies() {
  const missing = programs.filter((program) => !isInstalled(program))
  if (missing.length === 0) return null
  const install = `apt-get install ${missing.join(' ')}`
  const reason = whyNoAptGet()
  if (reason !== null) return `no ${missing.join(' and no ')}; ${install}: ${reason}`
  await step(`install ${missing.join(' and ')}`, () => installPackages(...missing))
  return missing.every(isInstalled) ? null : `${install} installed no ${missing.join(' and no ')}`
}

function isInstalled(program) {
  return folders.some((folder) => existsSync(`${folder}/${program}`))
}

import { existsSync, rmSync, writeFileSync } from 'node:fs'
import { run } from './run.js'

const policy = '/usr/sbin/policy-rc.d'

/** Why packages cannot be installed here, or null. */
export function whyNoAptGet() {
  if (process.getuid?.() !== 0) return 'needs root'
  return existsSync('/usr/bin/apt-get') ? null : 'there is no apt-get'
}

/** Installs Debian packages without starting their services: tests start programs of their own. */
export async function installPackages(...packages) {
  const env = { DEBIAN_FRONTEND: 'noninteractive' }
  const isMine = !existsSync(policy)
  if (isMine) writeFileSync(policy, '#!/bin/sh\nexit 101\n', { mode: 0o755 })
  try {
    await run('apt-get', ['-qq', 'update'], { env })
    await run('apt-get', ['-qq', '-y', '--no-install-recommends', 'install', ...packages], { env })
  } finally {
    if (isMine) rmSync(policy)
  }
}

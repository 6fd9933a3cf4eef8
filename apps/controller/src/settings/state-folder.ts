import { homedir } from 'node:os'
import { join } from 'node:path'

/** Where state goes unless `--state-dir` says otherwise, and where the CLI always looks for a controller of this host. */
export function defaultStateFolder(env: NodeJS.ProcessEnv, isRoot = process.getuid?.() === 0): string {
  // systemd gives several folders joined by colons.
  const ofService = env['STATE_DIRECTORY']?.split(':')[0]
  if (ofService) return ofService
  if (isRoot) return '/var/lib/fairlead'
  return env['XDG_STATE_HOME'] ? join(env['XDG_STATE_HOME'], 'fairlead') : join(homedir(), '.local/state/fairlead')
}

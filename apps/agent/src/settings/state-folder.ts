import { join } from 'node:path'

/** What decides where state is kept, apart from the flag. */
export interface HostFacts {
  readonly hostname: string
  readonly home: string
  readonly isRoot: boolean
}

/** `$STATE_DIRECTORY` (systemd), /var/lib/fairlead for root, `$XDG_STATE_HOME`/fairlead, ~/.local/state/fairlead. */
export function defaultStateFolder(env: Readonly<Record<string, string | undefined>>, host: HostFacts): string {
  // systemd lists several folders with colons; ours is the first.
  if (env['STATE_DIRECTORY']) return env['STATE_DIRECTORY'].split(':')[0]!
  if (host.isRoot) return '/var/lib/fairlead'
  return join(env['XDG_STATE_HOME'] || join(host.home, '.local', 'state'), 'fairlead')
}

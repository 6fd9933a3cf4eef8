import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'

/** What a running controller tells clients on its own host. */
export interface Discovery {
  readonly server: string
  readonly tokenFile: string
  readonly caFile?: string
  readonly pid: number
}

type Env = Readonly<Record<string, string | undefined>>

/** The default state folder, as the controller finds it, whatever its --state-dir is. */
export function defaultStateFolder(env: Env, isRoot: boolean = process.getuid?.() === 0): string {
  if (env['STATE_DIRECTORY']) return env['STATE_DIRECTORY']
  if (isRoot) return '/var/lib/fairlead'
  return path.join(env['XDG_STATE_HOME'] || path.join(env['HOME'] || homedir(), '.local', 'state'), 'fairlead')
}

/** @returns the controller that runs on this host, or null: none, or what is left of one that was killed. */
export function discoverController(env: Env, isRoot?: boolean): Discovery | null {
  try {
    const file = path.join(defaultStateFolder(env, isRoot), 'controller.json')
    const found = JSON.parse(readFileSync(file, 'utf8')) as Discovery
    const whole = typeof found.server === 'string' && typeof found.tokenFile === 'string' && Number.isInteger(found.pid)
    return whole && isAlive(found.pid) ? found : null
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    // Another user's process is a living one.
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

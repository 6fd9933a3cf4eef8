import { readFileSync } from 'node:fs'
import { CommandFailure } from '../command-failure.js'
import { ExitCode } from '../exit-code.js'
import { configPath, readConfig, type Context } from './config-file.js'
import { discoverController } from './discovery.js'

/** The controller that a command talks to. */
export interface Target {
  readonly server: string
  readonly token?: string
  readonly caFile?: string
  /** Of commands without -n. */
  readonly namespace?: string
}

export interface TargetFlags {
  readonly server?: string
  readonly tokenFile?: string
  readonly caFile?: string
  readonly context?: string
}

type Env = Readonly<Record<string, string | undefined>>

/**
 * --server, then --context, then FAIRLEAD_SERVER, then the current context, then the controller that runs on this host.
 * A token comes from where the server came from; --token-file and FAIRLEAD_TOKEN win over it.
 * @throws CommandFailure when none of them names a server, or a token file cannot be read.
 */
export function resolveTarget(flags: TargetFlags, env: Env, isRoot?: boolean): Target {
  const found = findServer(flags, env, isRoot)
  const explicitToken = flags.tokenFile ? readToken(flags.tokenFile) : env['FAIRLEAD_TOKEN'] || undefined
  const token = explicitToken ?? found.token ?? (found.tokenFile ? readToken(found.tokenFile) : undefined)
  const caFile = flags.caFile ?? found.caFile ?? env['FAIRLEAD_CA_FILE']
  return {
    server: found.server,
    ...(token ? { token } : {}),
    ...(caFile ? { caFile } : {}),
    ...(found.namespace ? { namespace: found.namespace } : {}),
  }
}

type Found = Omit<Context, 'name'>

function findServer(flags: TargetFlags, env: Env, isRoot: boolean | undefined): Found {
  const here = () => discoverController(env, isRoot)
  const named = flags.server ?? (flags.context === undefined ? env['FAIRLEAD_SERVER'] : undefined)
  if (named) {
    // The token of the controller on this host, when it is the one that was named.
    const local = here()
    return local !== null && local.server === named.replace(/\/+$/, '') ? local : { server: named }
  }
  const file = configPath(env)
  const config = readConfig(file)
  const wanted = flags.context ?? config.currentContext
  if (wanted !== undefined) {
    const context = config.contexts.find(({ name }) => name === wanted)
    if (context) return context
    const known = config.contexts.map(({ name }) => name).join(', ') || 'none'
    throw new CommandFailure(ExitCode.usage, `no context ${wanted} in ${file} (known: ${known})`)
  }
  const local = here()
  if (local !== null) return local
  throw new CommandFailure(
    ExitCode.unreachable,
    'no controller runs on this host and none is named: use --server, FAIRLEAD_SERVER or `fairlead config set-context`',
  )
}

function readToken(file: string): string {
  try {
    return readFileSync(file, 'utf8').trim()
  } catch (error) {
    const reason =
      (error as NodeJS.ErrnoException).code === 'EACCES' ? 'it belongs to another user' : (error as Error).message
    throw new CommandFailure(ExitCode.denied, `cannot read the token file ${file}: ${reason}`)
  }
}

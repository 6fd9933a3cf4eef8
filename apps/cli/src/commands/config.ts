import { CommandFailure } from '../command-failure.js'
import { configPath, readConfig, writeConfig, type ConfigFile, type Context } from '../context/config-file.js'
import { ExitCode } from '../exit-code.js'
import { formatTable } from '../output/table.js'
import type { Terminal } from '../terminal.js'

/** Contexts: named controllers in the user's config file. None of these commands talks to one. */
export function getContexts(terminal: Terminal): number {
  const { contexts, currentContext } = load(terminal)
  const rows = contexts.map(({ name, server, namespace }) => [
    name === currentContext ? '*' : '',
    name,
    server,
    namespace ?? 'default',
  ])
  terminal.stdout.write(formatTable(['CURRENT', 'NAME', 'SERVER', 'NAMESPACE'], rows))
  return ExitCode.ok
}

export function useContext(terminal: Terminal, name: string): number {
  const config = load(terminal)
  if (!config.contexts.some((context) => context.name === name)) {
    throw new CommandFailure(ExitCode.notFound, `no context ${name} in ${configPath(terminal.env)}`)
  }
  writeConfig(configPath(terminal.env), { ...config, currentContext: name })
  terminal.stderr.write(`switched to context ${name}\n`)
  return ExitCode.ok
}

/** Makes a context, or changes the given fields of one. The first one made becomes the current one. */
export function setContext(terminal: Terminal, name: string, fields: Partial<Omit<Context, 'name'>>): number {
  const config = load(terminal)
  const known = config.contexts.find((context) => context.name === name)
  const server = fields.server ?? known?.server
  if (server === undefined) throw new CommandFailure(ExitCode.usage, 'a new context needs --server')
  if (!/^https?:\/\//.test(server) || !URL.canParse(server)) {
    throw new CommandFailure(ExitCode.usage, `${server} is no http or https URL`)
  }
  const next: Context = { ...known, ...fields, name, server }
  const contexts = known
    ? config.contexts.map((context) => (context === known ? next : context))
    : [...config.contexts, next]
  writeConfig(configPath(terminal.env), { currentContext: config.currentContext ?? name, contexts })
  terminal.stderr.write(`context ${name} ${known ? 'changed' : 'created'}\n`)
  return ExitCode.ok
}

/** The file as it is, without its secrets. */
export async function viewConfig(terminal: Terminal): Promise<number> {
  const config = load(terminal)
  const contexts = config.contexts.map((context) => (context.token ? { ...context, token: 'REDACTED' } : context))
  const { stringify } = await import('yaml')
  terminal.stdout.write(`# ${configPath(terminal.env)}\n${stringify({ ...config, contexts })}`)
  return ExitCode.ok
}

function load(terminal: Terminal): ConfigFile {
  return readConfig(configPath(terminal.env))
}

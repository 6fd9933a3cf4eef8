import { randomBytes } from 'node:crypto'
import { chmodSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import { parse, stringify } from 'yaml'
import { CommandFailure } from '../command-failure.js'
import { ExitCode } from '../exit-code.js'

/** A controller by name, with what it takes to reach it. */
export interface Context {
  readonly name: string
  readonly server: string
  readonly token?: string
  readonly tokenFile?: string
  readonly caFile?: string
  readonly namespace?: string
}

export interface ConfigFile {
  readonly currentContext?: string
  readonly contexts: readonly Context[]
}

type Env = Readonly<Record<string, string | undefined>>

/** `$FAIRLEAD_CONFIG`, else `$XDG_CONFIG_HOME/fairlead/config.yaml`, else `~/.config/fairlead/config.yaml`. */
export function configPath(env: Env): string {
  if (env['FAIRLEAD_CONFIG']) return env['FAIRLEAD_CONFIG']
  const home = env['XDG_CONFIG_HOME'] || path.join(env['HOME'] || homedir(), '.config')
  return path.join(home, 'fairlead', 'config.yaml')
}

/** @returns no contexts when there is no file. @throws CommandFailure when it is no config file. */
export function readConfig(file: string): ConfigFile {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return { contexts: [] }
    throw new CommandFailure(ExitCode.failure, `cannot read ${file}: ${(error as Error).message}`)
  }
  try {
    return checkConfig(parse(text))
  } catch (error) {
    throw new CommandFailure(ExitCode.invalidInput, `${file}: ${(error as Error).message}`)
  }
}

/** Whole or not at all, and 0600: it may hold tokens. */
export function writeConfig(file: string, config: ConfigFile): void {
  mkdirSync(path.dirname(file), { recursive: true, mode: 0o700 })
  const draft = `${file}.${randomBytes(4).toString('hex')}`
  try {
    writeFileSync(draft, stringify(config), { mode: 0o600, flush: true })
    chmodSync(draft, 0o600)
    renameSync(draft, file)
  } finally {
    rmSync(draft, { force: true })
  }
}

/** True: others on this host can read the file. */
export function isExposed(file: string): boolean {
  const mode = statSync(file, { throwIfNoEntry: false })?.mode ?? 0
  return (mode & 0o077) !== 0
}

const FIELDS = ['name', 'server', 'token', 'tokenFile', 'caFile', 'namespace'] as const

function checkConfig(value: unknown): ConfigFile {
  if (value === null || value === undefined) return { contexts: [] }
  const { currentContext, contexts = [] } = value as { currentContext?: unknown; contexts?: unknown }
  if (!Array.isArray(contexts)) throw new Error('contexts: expected a list')
  if (currentContext !== undefined && typeof currentContext !== 'string')
    throw new Error('currentContext: expected a name')
  contexts.forEach((context: unknown, index) => checkContext(context, `contexts[${index}]`))
  return { ...(currentContext === undefined ? {} : { currentContext }), contexts: contexts as Context[] }
}

function checkContext(context: unknown, at: string): void {
  if (typeof context !== 'object' || context === null) throw new Error(`${at}: expected a context`)
  const fields = context as Record<string, unknown>
  for (const required of ['name', 'server']) {
    if (typeof fields[required] !== 'string') throw new Error(`${at}.${required}: expected a string`)
  }
  for (const field of FIELDS) {
    if (fields[field] !== undefined && typeof fields[field] !== 'string')
      throw new Error(`${at}.${field}: expected a string`)
  }
}

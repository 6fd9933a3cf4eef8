import { createClient, type Client } from '@fairlead/api-client'
import { configPath, isExposed } from './context/config-file.js'
import { resolveTarget, type TargetFlags } from './context/target.js'
import { colorsFor, type ColorWhen } from './output/color.js'
import type { Terminal } from './terminal.js'

/** Flags that every command takes. */
export interface GlobalFlags extends TargetFlags {
  readonly requestTimeout?: number
  readonly quiet?: boolean
  readonly color?: ColorWhen
}

/** One run of one command against one controller. */
export interface Session {
  readonly client: Client
  readonly terminal: Terminal
  /** Of the context; `default` otherwise. -n wins. */
  readonly namespace: string
  /** Data. */
  print(text: string): void
  /** Words for people; nothing with --quiet. */
  say(text: string): void
  warn(text: string): void
}

/** @throws CommandFailure when no controller is named or found. */
export function openSession(terminal: Terminal, flags: GlobalFlags): Session {
  const target = resolveTarget(flags, terminal.env)
  const colors = colorsFor(terminal.stderr, terminal.env, flags.color)
  const warn = (text: string) => void terminal.stderr.write(`${colors.yellow('warning:')} ${text}\n`)
  const file = configPath(terminal.env)
  if (isExposed(file)) warn(`${file} may hold tokens and others can read it: chmod 600 ${file}`)
  return {
    client: createClient({
      ...target,
      ...(flags.requestTimeout === undefined ? {} : { timeoutMs: flags.requestTimeout }),
      onWarning: warn,
    }),
    terminal,
    namespace: target.namespace ?? 'default',
    print: (text) => void terminal.stdout.write(text),
    say: (text) => void (flags.quiet || terminal.stderr.write(`${text}\n`)),
    warn,
  }
}

import { InvalidArgumentError, Option, type Command } from 'commander'
import { parseDuration } from '../duration.js'
import { OUTPUT_HELP, parseOutputFormat, type OutputFormat } from '../output/output-format.js'
import { openSession, type GlobalFlags, type Session } from '../session.js'
import type { Terminal } from '../terminal.js'

/** A command's action stores what the process shall end with. */
export interface Run {
  readonly terminal: Terminal
  exitCode: number
  /** An error's exit code is at least this: diff's 1 already says "different". */
  errorCodeMin: number
}

const TABLE: OutputFormat = { type: 'table' }

export const outputFlag = () =>
  new Option('-o, --output <format>', OUTPUT_HELP).argParser(parseOutputFormat).default(TABLE, 'table')

export const namespaceFlag = () => new Option('-n, --namespace <namespace>', "default: the context's, else default")

export const noHeadersFlag = () => new Option('--no-headers', 'no header line')

export const filenameFlag = () =>
  new Option('-f, --filename <file>', 'file, folder, or - for stdin; may be repeated').argParser(
    (value: string, before: readonly string[] | undefined) => [...(before ?? []), value],
  )

export const recursiveFlag = () => new Option('-R, --recursive', 'into the folders of a folder')

export const messageFlag = () => new Option('-m, --message <text>', 'why, for the history')

/** Bare: server. */
export const dryRunFlag = () =>
  new Option('--dry-run [where]', 'check, store nothing; client: without a controller')
    .choices(['server', 'client'])
    .preset('server')

export const timeoutFlag = (text: string) =>
  new Option('--timeout <duration>', 'of waiting').argParser(parseDuration).default(parseDuration(text), text)

/** For whole numbers of 1 and above. */
export function parseCount(text: string): number {
  if (!/^[1-9]\d{0,9}$/.test(text)) throw new InvalidArgumentError('expected a whole number of 1 or more')
  return Number(text)
}

/** For a revision's number; 0 is the empty mesh. */
export function parseRevision(text: string): number {
  if (!/^(0|[1-9]\d{0,9})$/.test(text)) throw new InvalidArgumentError('expected the number of a revision')
  return Number(text)
}

export function parseRevisionOrHead(text: string): number | 'head' {
  return text === 'head' ? 'head' : parseRevision(text)
}

/** `app=reviews,version=v1` */
export function parseLabels(text: string): Readonly<Record<string, string>> {
  const pairs = text.split(',').map((pair) => pair.split('='))
  if (pairs.some((pair) => pair.length !== 2 || pair[0] === '')) throw new InvalidArgumentError('expected a=b,c=d')
  return Object.fromEntries(pairs) as Record<string, string>
}

/** The session of a command, by the global flags that were given before or after its name. */
export function sessionOf(command: Command, run: Run): Session {
  return openSession(run.terminal, command.optsWithGlobals<GlobalFlags>())
}

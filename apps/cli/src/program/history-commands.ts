import { Option, type Command } from 'commander'
import type { DiffOptions } from '../commands/diff.js'
import type { HistoryOptions } from '../commands/history.js'
import type { RollbackOptions } from '../commands/rollback.js'
import type { SourceOptions } from '../documents/read-sources.js'
import { ExitCode } from '../exit-code.js'
import {
  filenameFlag,
  messageFlag,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
  parseCount,
  parseRevision,
  parseRevisionOrHead,
  recursiveFlag,
  sessionOf,
  timeoutFlag,
  type Run,
} from './flags.js'

type DiffFlags = DiffOptions & Partial<SourceOptions> & { from?: number | 'head'; to?: number | 'head' }

/** What was, what differs, and the way back. */
export function addHistoryCommands(program: Command, run: Run): void {
  addDiff(program, run)
  program
    .command('history')
    .description('revisions, newest first')
    .argument('[resource]', 'KIND/NAME: only those that changed it')
    .addOption(namespaceFlag())
    .addOption(new Option('--limit <count>', 'at most so many').argParser(parseCount).default(20))
    .addOption(outputFlag())
    .addOption(noHeadersFlag())
    .action(async (resource: string | undefined, options: HistoryOptions, command: Command) => {
      const { history } = await import('../commands/history.js')
      run.exitCode = await history(sessionOf(command, run), resource, options)
    })
  program
    .command('rollback')
    .description('make a new revision that equals an old one')
    .addOption(new Option('--to <revision>', 'its number').argParser(parseRevision).makeOptionMandatory())
    .addOption(messageFlag())
    .option('--dry-run', 'say what would change, store nothing')
    .option('--wait', 'until all connected agents run it')
    .addOption(timeoutFlag('60s'))
    .addOption(outputFlag())
    .action(async (options: RollbackOptions, command: Command) => {
      const { rollback } = await import('../commands/rollback.js')
      run.exitCode = await rollback(sessionOf(command, run), options)
    })
}

function addDiff(program: Command, run: Run): void {
  program
    .command('diff')
    .description('what an apply of files would change (-f), or what changed between revisions (--to, --from)')
    .addOption(filenameFlag())
    .addOption(recursiveFlag())
    .addOption(namespaceFlag())
    .option('--prune', 'with -f: also what apply --prune would delete')
    .option('-l, --selector <labels>', 'which resources --prune may delete')
    .option('--allow-pending', 'accept fields that this version does not enforce yet')
    .addOption(new Option('--from <revision>', "default: --to's parent").argParser(parseRevisionOrHead))
    .addOption(new Option('--to <revision>', 'default: head').argParser(parseRevisionOrHead))
    .addOption(outputFlag())
    .action(async (options: DiffFlags, command: Command) => {
      run.errorCodeMin = ExitCode.usage
      const { diffDocuments, diffRevisions } = await import('../commands/diff.js')
      const { filename, from, to } = options
      if (filename === undefined) {
        if (from === undefined && to === undefined) command.error('error: give -f, or --from and --to')
        run.exitCode = await diffRevisions(sessionOf(command, run), from, to ?? 'head', options)
        return
      }
      if (from !== undefined || to !== undefined) command.error('error: give either -f, or --from and --to')
      const { readSources } = await import('../documents/read-sources.js')
      const documents = await readSources({ ...options, filename }, run.terminal.stdin)
      run.exitCode = await diffDocuments(sessionOf(command, run), documents, options)
    })
}

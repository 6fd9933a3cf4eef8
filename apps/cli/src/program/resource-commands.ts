import type { Command } from 'commander'
import type { GetOptions } from '../commands/get.js'
import type { ApplyOptions } from '../commands/apply.js'
import type { DeleteOptions } from '../commands/delete.js'
import type { SourceOptions } from '../documents/read-sources.js'
import {
  dryRunFlag,
  filenameFlag,
  messageFlag,
  namespaceFlag,
  noHeadersFlag,
  outputFlag,
  recursiveFlag,
  sessionOf,
  timeoutFlag,
  type Run,
} from './flags.js'

/** What resources are, and how they change. */
export function addResourceCommands(program: Command, run: Run): void {
  addApply(program, run)
  addGet(program, run)
  addDelete(program, run)
}

function addApply(program: Command, run: Run): void {
  program
    .command('apply')
    .description('make resources as the files say: one new revision, or nothing')
    .addOption(filenameFlag().makeOptionMandatory())
    .addOption(recursiveFlag())
    .addOption(namespaceFlag())
    .addOption(dryRunFlag())
    .addOption(messageFlag())
    .option('--prune', 'delete what -l selects and the files do not name')
    .option('-l, --selector <labels>', 'which resources --prune may delete')
    .option('--allow-pending', 'accept fields that this version does not enforce yet')
    .option('--wait', 'until all connected agents run it')
    .addOption(timeoutFlag('60s'))
    .addOption(outputFlag())
    .action(async (options: ApplyOptions & SourceOptions, command: Command) => {
      const [{ apply }, { readSources }] = await Promise.all([
        import('../commands/apply.js'),
        import('../documents/read-sources.js'),
      ])
      const documents = await readSources(options, run.terminal.stdin)
      run.exitCode = await apply(() => sessionOf(command, run), run.terminal, documents, options)
    })
}

function addGet(program: Command, run: Run): void {
  program
    .command('get')
    .description('show resources: get vs, get vs reviews, get vs/reviews, get vs,dr, get all')
    .argument('<kind>', 'kind, KIND/NAME, several kinds with commas, or all')
    .argument('[name...]')
    .addOption(namespaceFlag())
    .option('-A, --all-namespaces')
    .addOption(outputFlag())
    .option('-l, --selector <labels>', 'such as app=reviews,version!=v1')
    .option('-w, --watch', 'go on with each change as it comes')
    .addOption(noHeadersFlag())
    .action(async (kind: string, names: string[], options: GetOptions, command: Command) => {
      const { get } = await import('../commands/get.js')
      run.exitCode = await get(sessionOf(command, run), [kind, ...names], options)
    })
  program
    .command('describe')
    .description('one resource with its history')
    .argument('<kind>', 'kind or KIND/NAME')
    .argument('[name]')
    .addOption(namespaceFlag())
    .action(async (kind: string, name: string | undefined, options: { namespace?: string }, command: Command) => {
      const { describe } = await import('../commands/describe.js')
      const session = sessionOf(command, run)
      const words = name === undefined ? [kind] : [kind, name]
      run.exitCode = await describe(session, words, options.namespace ?? session.namespace)
    })
}

function addDelete(program: Command, run: Run): void {
  program
    .command('delete')
    .description('delete resources: delete vs reviews, delete vs/reviews dr/reviews, delete -f FILE')
    .argument('[words...]', 'KIND NAME..., or KIND/NAME...')
    .addOption(filenameFlag())
    .addOption(recursiveFlag())
    .addOption(namespaceFlag())
    .addOption(messageFlag())
    .addOption(dryRunFlag())
    .option('--ignore-not-found', 'what is not there is as good as deleted')
    .action(async (words: string[], options: DeleteOptions & Partial<SourceOptions>, command: Command) => {
      const { deleteByFile, deleteByName } = await import('../commands/delete.js')
      const { filename } = options
      if (filename === undefined) {
        run.exitCode = await deleteByName(sessionOf(command, run), words, options)
        return
      }
      if (words.length > 0) command.error('error: give either names or -f')
      const { readSources } = await import('../documents/read-sources.js')
      const documents = await readSources({ ...options, filename }, run.terminal.stdin)
      run.exitCode = await deleteByFile(sessionOf(command, run), documents, options)
    })
}

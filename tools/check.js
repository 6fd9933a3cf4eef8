#!/usr/bin/env node
// npm run check: format, lint, types, import rules, generated files fresh.
import { pathToFileURL } from 'node:url'
import { ensureBuilt, ensureInstalled } from './ensure.js'
import { entry, run, step } from './run.js'

export async function check() {
  await step('format', () => run('prettier', ['--check', '--log-level', 'warn', '.']))
  await step('types', () => run('tsc', ['-p', 'tsconfig.check.json']))
  await step('lint', () =>
    run('eslint', ['--max-warnings', '0', 'apps', 'libs', 'migrations', 'test', 'bench', 'tools']),
  )
  await step('import rules', () =>
    run('depcruise', ['--config', '.dependency-cruiser.js', 'apps', 'libs', 'migrations']),
  )
  await step('generated files', () => run(process.execPath, ['tools/gen.js', '--check']))
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await entry(async () => {
    await ensureInstalled()
    await ensureBuilt()
    await check()
  })
}

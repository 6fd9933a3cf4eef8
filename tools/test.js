#!/usr/bin/env node
// npm test: everything that must hold before a change lands. `npm test -- PATH...` runs those test files only.
import { ensureBuilt, ensureInstalled } from './ensure.js'
import { check } from './check.js'
import { providePostgres } from './provide-postgres.js'
import { provideProxies } from './provide-proxies.js'
import { entry, run, step } from './run.js'

await entry(async () => {
  const paths = process.argv.slice(2)
  await ensureInstalled()
  await ensureBuilt()
  if (paths.length > 0) return jest(paths)

  const notRun = [
    ['PostgreSQL', await providePostgres()],
    ['HAProxy and nginx', await provideProxies()],
  ].filter(([, reason]) => reason !== null)
  await check()
  await step('tests', () => jest([]))
  if (notRun.length === 0) return
  for (const [what, reason] of notRun) process.stderr.write(`\nNOT RUN: the suites that need ${what}: ${reason}\n`)
  if (process.env.FAIRLEAD_TEST_ALL === '1') throw new Error('FAIRLEAD_TEST_ALL=1 asks for every suite')
})

function jest(paths) {
  return run(
    process.execPath,
    ['--experimental-vm-modules', 'node_modules/jest/bin/jest.js', '--maxWorkers=2', ...paths],
    {
      env: { NODE_NO_WARNINGS: '1' },
    },
  )
}

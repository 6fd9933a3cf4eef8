#!/usr/bin/env node
// npm start: installs and builds if needed, then runs the demo with the same arguments. stdout is the demo's.
import { ensureBuilt, ensureInstalled } from './ensure.js'
import { entry } from './run.js'

await entry(async () => {
  await ensureInstalled()
  await ensureBuilt()
  await import('../apps/demo/dist/main.js')
})

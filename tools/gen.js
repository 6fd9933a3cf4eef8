#!/usr/bin/env node
// npm run gen: writes every generated file from its one source. `--check` fails, naming the file, when one is stale.
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync, mkdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { ensureBuilt } from './ensure.js'
import { entry, root, run } from './run.js'

const protoPackage = join(root, 'libs/proto')

await entry(async () => {
  const checkOnly = process.argv.includes('--check')
  await ensureBuilt()
  const files = new Map([...(await documents()), ...(await protocol())])
  const stale = [...files].filter(([path, content]) => read(path) !== content).map(([path]) => path)
  if (checkOnly && stale.length > 0) {
    throw new Error(`stale, run "npm run gen": ${stale.map((path) => relative(root, path)).join(', ')}`)
  }
  for (const path of stale) {
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, files.get(path))
    process.stderr.write(`wrote ${relative(root, path)}\n`)
  }
})

/** What the resources' schemas say, for people and for programs. */
async function documents() {
  const { compatibilityTable } = await import('@fairlead/core/resources')
  const { openApi } = await import('../apps/controller/dist/openapi.js')
  return [
    [join(root, 'docs/istio-compatibility.md'), compatibilityTable()],
    [join(root, 'docs/openapi.json'), JSON.stringify(openApi(), null, 2) + '\n'],
  ]
}

/** The messages of the agent's stream, generated into a folder of its own and compared file by file. */
async function protocol() {
  const out = mkdtempSync(join(tmpdir(), 'fairlead-gen-'))
  try {
    await run('buf', ['lint'], { cwd: protoPackage })
    await run('buf', ['generate', '--output', out], { cwd: protoPackage })
    const generated = join(out, 'src/gen')
    return readdirSync(generated, { recursive: true })
      .filter((name) => statSync(join(generated, name)).isFile())
      .map((name) => [join(protoPackage, 'src/gen', name), readFileSync(join(generated, name), 'utf8')])
  } finally {
    rmSync(out, { recursive: true, force: true })
  }
}

function read(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return null
  }
}

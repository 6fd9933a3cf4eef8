import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'
import { afterEach, describe, expect, it } from '@jest/globals'

const TREE = new URL('../dist/process-tree.js', import.meta.url).href
const left: { pids: number[]; folder: string }[] = []

afterEach(() => {
  for (const { pids, folder } of left.splice(0)) {
    for (const pid of pids) if (isAlive(pid)) process.kill(pid, 'SIGKILL')
    rmSync(folder, { recursive: true, force: true })
  }
})

/** A process with a tree of two children. */
async function startTree(onSigterm: string) {
  const folder = mkdtempSync(path.join(tmpdir(), 'fairlead-tree-'))
  const own = path.join(folder, 'state')
  const sleeper = path.join(folder, 'sleeper.mjs')
  const parent = path.join(folder, 'parent.mjs')
  writeFileSync(sleeper, `console.log(JSON.stringify({ msg: 'up', pid: process.pid })); setInterval(() => {}, 1000)`)
  writeFileSync(
    parent,
    `import { mkdirSync } from 'node:fs'
     import { ProcessTree } from ${JSON.stringify(TREE)}
     mkdirSync(${JSON.stringify(own)})
     const tree = new ProcessTree(${JSON.stringify(own)}, () => {})
     const lines = await Promise.all(['a', 'b'].map((name) => tree.start(name, ${JSON.stringify(sleeper)}, []).ready('up')))
     process.on('SIGTERM', () => { ${onSigterm} })
     console.log(JSON.stringify(lines.map(({ pid }) => pid)))
     const timer = setInterval(() => {}, 1000)`,
  )
  const child = spawn(process.execPath, [parent], {
    stdio: ['ignore', 'pipe', 'inherit'],
    env: { ...process.env, NODE_OPTIONS: '' },
  })
  const [line] = await new Promise<string[]>((resolve) =>
    createInterface({ input: child.stdout }).once('line', (text) => resolve([text])),
  )
  const pids = JSON.parse(line ?? '[]') as number[]
  left.push({ pids: [...pids, child.pid ?? 0], folder })
  return { child, pids, own }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await delay(20)
}

describe('ProcessTree', () => {
  it.each([
    ['a clean stop', 'clearInterval(timer); tree.stop().then(() => process.exit(7))', 'SIGTERM'],
    ['a kill -9 of the parent', '', 'SIGKILL'],
  ] as const)('leaves no process and no folder after %s', async (_, onSigterm, signal) => {
    const { child, pids, own } = await startTree(onSigterm)
    expect(pids.map(isAlive)).toEqual([true, true])
    expect(existsSync(own)).toBe(true)
    child.kill(signal)
    const [exitCode] = (await once(child, 'exit')) as [number | null]
    // 7: stop() was awaited to its end, not left behind by an empty event loop.
    expect(exitCode).toBe(onSigterm === '' ? null : 7)
    await until(() => !pids.some(isAlive) && !existsSync(own))
    expect(pids).toHaveLength(2)
  })
})

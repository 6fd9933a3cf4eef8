import { spawn, type ChildProcess } from 'node:child_process'
import { createInterface } from 'node:readline'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from '@jest/globals'

const WATCH = new URL('../dist/npm-watch.js', import.meta.url).href
const started: ChildProcess[] = []
let folder = ''

afterEach(() => {
  for (const child of started.splice(0)) child.kill('SIGKILL')
  rmSync(folder, { recursive: true, force: true })
})

describe('whenNpmEnds', () => {
  it.each(['SIGTERM', 'SIGKILL'] as const)(
    'notices a %s of npm behind a shell that passes nothing on',
    async (signal) => {
      folder = mkdtempSync(path.join(tmpdir(), 'fairlead-npm-'))
      const watcher = path.join(folder, 'watcher.mjs')
      const npm = path.join(folder, 'npm.mjs')
      writeFileSync(
        watcher,
        `import { whenNpmEnds } from ${JSON.stringify(WATCH)}
       whenNpmEnds(process.env, () => { console.log('gone'); process.exit() })
       setTimeout(() => process.exit(), 10_000)
       console.log('up')`,
      )
      writeFileSync(
        npm,
        `import { spawn } from 'node:child_process'
       process.title = 'npm start'
       spawn('sh', ['-c', ${JSON.stringify(`"${process.execPath}" "${watcher}"; true`)}], { stdio: 'inherit' })`,
      )
      const child = spawn(process.execPath, [npm], {
        stdio: ['ignore', 'pipe', 'inherit'],
        env: { ...process.env, NODE_OPTIONS: '', npm_lifecycle_event: 'start' },
      })
      started.push(child)
      const words: string[] = []
      for await (const word of createInterface({ input: child.stdout })) {
        words.push(word)
        if (word === 'up') child.kill(signal)
      }
      expect(words).toEqual(['up', 'gone'])
    },
  )
})

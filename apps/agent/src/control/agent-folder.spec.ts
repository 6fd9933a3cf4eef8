import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { tempFolder, type TempFolder } from '@fairlead/testkit'
import { openAgentFolder } from './agent-folder.js'
import { FolderLockedError } from './folder-lock.js'

const shop = { namespace: 'prod', name: 'shop-1' }

describe('openAgentFolder', () => {
  let state: TempFolder
  const path = (name: string) => join(state.path, 'agents', 'prod.shop-1', name)

  beforeEach(async () => {
    state = await tempFolder('agent-folder')
  })
  afterEach(() => state.remove())

  it('makes a folder of the agent alone', async () => {
    const folder = await openAgentFolder(state.path, shop, 1000)
    expect(folder.path).toBe(join(state.path, 'agents', 'prod.shop-1'))
    expect((await stat(folder.path)).mode & 0o777).toBe(0o700)
    folder.release()
  })

  it('counts the epoch up with each start, also when the clock goes back', async () => {
    const epochs: number[] = []
    for (const nowMs of [1000, 1000, 500, 2000]) {
      const folder = await openAgentFolder(state.path, shop, nowMs)
      epochs.push(folder.instanceEpoch)
      folder.release()
    }
    expect(epochs).toEqual([1000, 1001, 1002, 2000])
  })

  it('starts the epoch at the clock when its file is damaged', async () => {
    await mkdir(path(''), { recursive: true })
    await writeFile(path('epoch'), '\0\0\0')
    const folder = await openAgentFolder(state.path, shop, 1000)
    expect(folder.instanceEpoch).toBe(1000)
    folder.release()
  })

  it('is held against a second agent of the same name, and free after the release', async () => {
    const folder = await openAgentFolder(state.path, shop, 1000)
    await expect(openAgentFolder(state.path, shop, 1000)).rejects.toThrow(`is in use by process ${process.pid}`)
    const other = await openAgentFolder(state.path, { ...shop, name: 'shop-2' }, 1000)
    folder.release()
    folder.release()
    const again = await openAgentFolder(state.path, shop, 1000)
    again.release()
    other.release()
    expect(await readdir(path(''))).toEqual(['epoch'])
  })

  it.each([
    ['a process that is gone', async () => JSON.stringify({ pid: await deadPid(), startTime: '12345' })],
    ['a later process with the same pid', async () => JSON.stringify({ pid: process.pid, startTime: '1' })],
    ['a power cut that left nothing in it', async () => ''],
    ['something else', async () => '{"pid":"x"}'],
  ])('takes over the lock of %s', async (_, content) => {
    await mkdir(path(''), { recursive: true })
    await writeFile(path('lock'), await content())
    const folder = await openAgentFolder(state.path, shop, 1000)
    expect(JSON.parse(await readFile(path('lock'), 'utf8'))).toMatchObject({ pid: process.pid })
    folder.release()
    expect(await readdir(path(''))).toEqual(['epoch'])
  })

  it('respects the lock of another live process', async () => {
    const other = spawn(process.execPath, ['-e', 'process.stdin.resume()'], { stdio: ['pipe', 'ignore', 'ignore'] })
    try {
      await once(other, 'spawn')
      await mkdir(path(''), { recursive: true })
      await writeFile(path('lock'), JSON.stringify({ pid: other.pid, startTime: '' }))
      await expect(openAgentFolder(state.path, shop, 1000)).rejects.toThrow(FolderLockedError)
    } finally {
      other.kill('SIGKILL')
      await once(other, 'exit')
    }
  })
})

async function deadPid(): Promise<number> {
  const child = spawn(process.execPath, ['--version'], { stdio: 'ignore' })
  await once(child, 'exit')
  return child.pid!
}

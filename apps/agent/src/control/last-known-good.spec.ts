import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals'
import { buildSnapshot, encodePart, type Snapshot } from '@fairlead/core/snapshot'
import { tempFolder, type TempFolder } from '@fairlead/testkit'
import { LastKnownGood } from './last-known-good.js'

function snapshot(revision: number): Snapshot {
  const endpoints = [{ address: '127.0.0.1', port: 80 + revision, weight: 1, locality: '', workload: '' }]
  return buildSnapshot({ revision, overlay: 1, endpoints: 2 }, [
    encodePart({ type: 'endpoints', name: 'a', endpoints }),
  ])
}

describe('LastKnownGood', () => {
  let folder: TempFolder
  let kept: LastKnownGood
  const path = (name: string) => join(folder.path, name)

  beforeEach(async () => {
    folder = await tempFolder('last-known-good')
    kept = new LastKnownGood(folder.path)
  })
  afterEach(() => folder.remove())

  it('has nothing at first', async () => {
    expect(await kept.load()).toEqual({ kind: 'none' })
  })

  it('gives back what was saved last', async () => {
    await kept.save(snapshot(1))
    await kept.save(snapshot(2))
    expect(await new LastKnownGood(folder.path).load()).toEqual({ kind: 'found', snapshot: snapshot(2) })
    expect(await readdir(folder.path)).toEqual(['snapshot'])
  })

  it('detects every flipped byte and every cut, and sets the file aside', async () => {
    await kept.save(snapshot(1))
    const whole = await readFile(path('snapshot'))
    const damaged = [
      ...Array.from(whole, (byte, i) => Buffer.from(whole.with(i, byte ^ 0x01))),
      ...Array.from(whole, (_, length) => whole.subarray(0, length)),
      Buffer.concat([whole, Buffer.from('\n')]),
    ]
    for (const bytes of damaged) {
      await writeFile(path('snapshot'), bytes)
      expect(await kept.load()).toMatchObject({ kind: 'corrupt', setAside: path('snapshot.corrupt') })
      expect(await readFile(path('snapshot.corrupt'))).toEqual(Buffer.from(bytes))
      expect(await kept.load()).toEqual({ kind: 'none' })
    }
  })

  it('survives a crash at each step of a save', async () => {
    await kept.save(snapshot(1))
    const next = Buffer.from(await readFile(path('snapshot'))).subarray(0, 40)
    // Half written aside, not renamed: the old one holds, and the next save writes over the remains.
    await writeFile(path('snapshot.tmp'), next)
    expect(await kept.load()).toEqual({ kind: 'found', snapshot: snapshot(1) })
    await kept.save(snapshot(2))
    expect(await kept.load()).toEqual({ kind: 'found', snapshot: snapshot(2) })
    expect(await readdir(folder.path)).toEqual(['snapshot'])
  })

  it('rejects a save that cannot be made, and keeps the old', async () => {
    await kept.save(snapshot(1))
    const elsewhere = new LastKnownGood(path('missing'))
    await expect(elsewhere.save(snapshot(2))).rejects.toThrow('ENOENT')
    expect(await kept.load()).toEqual({ kind: 'found', snapshot: snapshot(1) })
  })
})

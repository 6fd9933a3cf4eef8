import { spawnSync } from 'node:child_process'
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { migrations } from '@fairlead/migrations'
import { tempFolder, type TempFolder } from '@fairlead/testkit'
import { entities } from '../data-source.js'
import type { Database } from './database.js'
import { FolderInUse, lockFolder } from './folder-lock.js'
import { openDatabase } from './open-database.js'

describe('the embedded database on disk', () => {
  let folder: TempFolder
  let database: Database
  const open = () => openDatabase({ url: null, folder: folder.path, entities, migrations })

  beforeAll(async () => {
    folder = await tempFolder('database')
    database = await open()
  })
  afterAll(async () => {
    await database?.close()
    await folder?.remove()
  })

  it('has the schema that the entities describe, so no change lacks its migration', async () => {
    const { upQueries } = await database.dataSource.driver.createSchemaBuilder().log()
    expect(upQueries.map(({ query }) => query)).toEqual([])
    expect(await database.pendingMigrations()).toEqual([])
  })

  it('syncs its log before it acknowledges', async () => {
    expect(await database.dataSource.query('show fsync')).toEqual([{ fsync: 'on' }])
  })

  it('refuses a search by undefined instead of matching every row', async () => {
    const repository = database.dataSource.getRepository<{ name: string }>('token')
    await expect(repository.findOneBy({ name: undefined })).rejects.toThrow(/undefined/)
  })

  it('refuses a second controller on its folder, naming the first', async () => {
    await expect(open()).rejects.toThrow(FolderInUse)
    await expect(open()).rejects.toThrow(new RegExp(`process ${process.pid}.*--state-dir`))
  })

  it('is there again, with its data, after a close', async () => {
    await database.dataSource.query(`insert into revision values (1, null, 'me', 'why', 'rest', now(), 1, 0, 0)`)
    await database.close()
    database = await open()
    expect(await database.dataSource.query('select number from revision')).toEqual([{ number: 1 }])
  })
})

describe('lockFolder', () => {
  it('takes over from a holder that no longer runs, and from a later process with its pid', async () => {
    const folder = await tempFolder('lock')
    const path = join(folder.path, 'lock')
    const { pid } = spawnSync(process.execPath, ['-e', ''])
    for (const stale of [
      JSON.stringify({ pid, started: 'x', token: 'y' }),
      JSON.stringify({ pid: process.pid, started: 'an earlier life', token: 'y' }),
      '{"pid":',
    ]) {
      await writeFile(path, stale)
      const lock = await lockFolder(path)
      await expect(lockFolder(path)).rejects.toThrow(FolderInUse)
      await lock.release()
    }
    await folder.remove()
  })

  it('lets one of many in when all find the same dead holder', async () => {
    const folder = await tempFolder('lock')
    const path = join(folder.path, 'lock')
    await writeFile(path, JSON.stringify({ pid: process.pid, started: 'an earlier life', token: 'y' }))
    const tries = await Promise.allSettled(Array.from({ length: 8 }, () => lockFolder(path)))
    expect(tries.filter(({ status }) => status === 'fulfilled')).toHaveLength(1)
    await folder.remove()
  })
})

import { describe } from '@jest/globals'
import { migrations } from '@fairlead/migrations'
import { findPostgres, startPostgres } from '@fairlead/testkit'
import { entities } from '../data-source.js'
import type { Database } from '../database/database.js'
import { openDatabase } from '../database/open-database.js'
import { openMemoryDatabase } from '../database/testdata/memory-database.js'
import { describeStore } from './testdata/describe-store.js'

describeStore('PGlite', openMemoryDatabase)

const bin = await findPostgres()

if (bin === null) describe.skip('RevisionStore on PostgreSQL (no installed server)', () => undefined)
else describeStore('PostgreSQL', () => onServer(bin))

/** A server of its own, which stops with the database that it holds. */
async function onServer(folder: string): Promise<Database> {
  const server = await startPostgres(folder)
  const database = await openDatabase({ url: server.url, folder: null, entities, migrations })
  const close = database.close.bind(database)
  database.close = async () => {
    await close()
    await server.stop()
  }
  return database
}

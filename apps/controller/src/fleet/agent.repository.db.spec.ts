import { describe } from '@jest/globals'
import { migrations } from '@fairlead/migrations'
import { findPostgres, startPostgres } from '@fairlead/testkit'
import { entities } from '../data-source.js'
import type { Database } from '../database/database.js'
import { openDatabase } from '../database/open-database.js'
import { describeAgentRepository } from './testdata/describe-agent-repository.js'

describeAgentRepository('PGlite', () => openDatabase({ url: null, folder: null, entities, migrations }))

const bin = await findPostgres()

if (bin === null) describe.skip('AgentRepository on PostgreSQL (no installed server)', () => undefined)
else describeAgentRepository('PostgreSQL', () => onServer(bin))

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

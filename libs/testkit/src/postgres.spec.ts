import { execFile } from 'node:child_process'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import { findPostgres, startPostgres, type PostgresServer } from './postgres.js'

const bin = await findPostgres()
const describeIfInstalled = bin === null ? describe.skip : describe

describeIfInstalled('startPostgres (needs an installed PostgreSQL)', () => {
  let server: PostgresServer

  beforeAll(async () => {
    server = await startPostgres(bin!)
  })
  afterAll(() => server?.stop())

  async function sql(statement: string): Promise<string> {
    return (await promisify(execFile)(join(bin!, 'psql'), ['-Atqc', statement, server.url])).stdout.trim()
  }

  it('keeps what was committed over an immediate shutdown', async () => {
    await sql('create table kept(n int); insert into kept values (7)')
    await server.kill()
    await server.start()
    expect(await sql('select n from kept')).toBe('7')
  })
})

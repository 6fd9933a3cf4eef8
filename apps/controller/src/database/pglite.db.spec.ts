import { afterAll, afterEach, beforeAll, describe, expect, it } from '@jest/globals'
import type { PGlite } from '@electric-sql/pglite'
import pg from 'pg'
import { waitFor } from '@fairlead/testkit'
import { startEmbeddedPostgres } from './embedded-postgres.js'
import { PgliteSession } from './pglite-session.js'
import { freshDataFolder } from './testdata/memory-database.js'

describe('pg on the embedded PostgreSQL', () => {
  let pglite: PGlite
  let session: PgliteSession
  const pools: pg.Pool[] = []

  beforeAll(async () => {
    pglite = await startEmbeddedPostgres(null, await freshDataFolder())
    session = new PgliteSession(pglite, 300)
    await open().query('create table t(id int primary key, n int not null)')
  })
  afterEach(async () => {
    await Promise.all(pools.splice(0).map((pool) => pool.end()))
  })
  afterAll(() => pglite?.close())

  function open(): pg.Pool {
    const pool = new pg.Pool({ stream: () => session.connect(), max: 8 })
    pools.push(pool)
    return pool
  }

  it('answers with the types and the error codes of a server', async () => {
    const pool = open()
    const { rows } = await pool.query(
      `select 1::bigint as big, '{"a":[1]}'::jsonb as json, true as yes, null as nothing, $1::text as said`,
      ['é'],
    )
    expect(rows).toEqual([{ big: '1', json: { a: [1] }, yes: true, nothing: null, said: 'é' }])
    await expect(pool.query('select * from nowhere')).rejects.toMatchObject({ code: '42P01' })
    await expect(pool.query('select $1::int', ['x'])).rejects.toMatchObject({ code: '22P02' })
    await expect(pool.query('select 1/0')).rejects.toMatchObject({ code: '22012' })
    expect((await pool.query('select 2 as two')).rows).toEqual([{ two: 2 }])
  })

  it('keeps concurrent transactions apart', async () => {
    const pool = open()
    await pool.query('insert into t values (1, 0)')
    const increment = async () => {
      const client = await pool.connect()
      try {
        await client.query('begin')
        const { rows } = await client.query('select n from t where id = 1')
        await new Promise(setImmediate)
        await client.query('update t set n = $1 where id = 1', [rows[0].n + 1])
        await client.query('commit')
      } finally {
        client.release()
      }
    }
    await Promise.all(Array.from({ length: 40 }, increment))
    expect((await pool.query('select n from t where id = 1')).rows).toEqual([{ n: 40 }])
  })

  it('undoes the transaction of a client that goes away, and lets the next one in', async () => {
    const pool = open()
    const client = await pool.connect()
    await client.query('begin')
    await client.query('insert into t values (2, 2)')
    client.release(true)
    expect((await pool.query('select count(*)::int as n from t where id = 2')).rows).toEqual([{ n: 0 }])
  })

  it('fails loudly when a transaction waits for another connection', async () => {
    const pool = open()
    const client = await pool.connect()
    await client.query('begin')
    await expect(pool.query('select 1')).rejects.toMatchObject({ code: '55P03' })
    await client.query('commit')
    client.release()
    await expect(pool.query('select 1')).resolves.toBeDefined()
  })

  it('brings notifications to those who listen, whoever sends them', async () => {
    const [listener, bystander] = [await open().connect(), await open().connect()]
    const heard: string[] = []
    const overheard: string[] = []
    listener.on('notification', (message) => heard.push(`${message.channel} ${message.payload}`))
    bystander.on('notification', (message) => overheard.push(message.channel))
    await listener.query('listen news')
    await bystander.query('listen weather')
    await open().query(`select pg_notify('news', 'one')`)
    const sender = await open().connect()
    await sender.query('begin')
    await sender.query(`notify news, 'two'`)
    expect(heard).toEqual(['news one'])
    await sender.query('commit')
    await waitFor('both notifications', () => heard.length === 2)
    expect(heard).toEqual(['news one', 'news two'])
    expect(overheard).toEqual([])
    for (const client of [listener, bystander, sender]) client.release()
  })

  it('keeps the event loop turning under a row of statements', async () => {
    const pool = open()
    let turns = 0
    const timer = setInterval(() => turns++, 1)
    for (let i = 0; i < 100; i++) await pool.query('select 1')
    clearInterval(timer)
    expect(turns).toBeGreaterThan(10)
  })
})

import type pg from 'pg'
import type { DataSource } from 'typeorm'

/** ASCII "flmg": any constant will do that nothing else on the database uses. */
const migrationLock = 0x666c6d67

/**
 * Runs what is missing, each migration in its own transaction. TypeORM takes no lock, so controllers that start together
 * would race: a session lock on a connection of its own lets one in, and the others find nothing left to do.
 */
export async function migrate(dataSource: DataSource, connection: pg.Client): Promise<void> {
  await connection.connect()
  try {
    // Waiting for another controller's long migration is no failure.
    await connection.query('set statement_timeout = 0')
    await connection.query('select pg_advisory_lock($1)', [migrationLock])
    await dataSource.runMigrations({ transaction: 'each' })
    await connection.query('select pg_advisory_unlock($1)', [migrationLock])
  } finally {
    await connection.end()
  }
}

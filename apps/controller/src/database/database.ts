import type { DataSource } from 'typeorm'

/** The open store. Repositories inject this and use `dataSource`; nothing else touches TypeORM. */
export abstract class Database {
  abstract readonly dataSource: DataSource

  /**
   * Calls `notified` with each payload that a NOTIFY sends on `channel`, from any process. Delivery is best effort: a
   * lost connection is made again, but what was sent in between is lost, so poll as well. Returns the stop.
   */
  abstract listen(channel: string, notified: (payload: string) => void): Promise<() => Promise<void>>

  /** Rejects when the database does not answer within two seconds. */
  abstract ping(): Promise<void>

  /** Names of migrations that this program knows and the database does not have. */
  abstract pendingMigrations(): Promise<readonly string[]>

  abstract close(): Promise<void>
}

import { join } from 'node:path'
import pg from 'pg'
import { DataSource, type DataSourceOptions } from 'typeorm'
import { Database } from './database.js'
import { startEmbeddedPostgres } from './embedded-postgres.js'
import { lockFolder } from './folder-lock.js'
import { Listener } from './listener.js'
import { migrate } from './migrate.js'
import { PgliteSession } from './pglite-session.js'

/** What a query may take on a server; the embedded database knows no timers. */
const statementTimeoutMs = 30_000
const pingTimeoutMs = 2_000

export interface DatabaseOptions {
  /** `postgres://...`, or null for the embedded database. */
  readonly url: string | null
  /** Of the embedded database: holds `pgdata` and `lock`. Null: in memory, for tests. */
  readonly folder: string | null
  /** In memory: what initdb made before. */
  readonly template?: Blob
  readonly entities: DataSourceOptions['entities']
  readonly migrations: DataSourceOptions['migrations']
}

/**
 * Opens the store and brings its schema up to date.
 * @throws FolderInUse when another process holds the embedded database's folder.
 */
export async function openDatabase(options: DatabaseOptions): Promise<Database> {
  const server = options.url === null ? await startEmbedded(options) : remote(options.url)
  try {
    const dataSource = await new DataSource({
      type: 'postgres',
      entities: options.entities,
      migrations: options.migrations,
      synchronize: false,
      installExtensions: false,
      // Else a where clause with an undefined value would match every row.
      invalidWhereValuesBehavior: { null: 'throw', undefined: 'throw' },
      poolSize: 10,
      extra: server.clientConfig,
    }).initialize()
    const database = new OpenDatabase(dataSource, server)
    await migrate(dataSource, new pg.Client(server.clientConfig))
    return database
  } catch (error) {
    await server.stop()
    throw error
  }
}

/** How to reach a PostgreSQL, and how to let go of it. */
interface Server {
  readonly clientConfig: pg.ClientConfig
  stop(): Promise<void>
}

function remote(url: string): Server {
  return {
    clientConfig: {
      connectionString: url,
      application_name: 'fairlead-controller',
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: statementTimeoutMs,
      connectionTimeoutMillis: 10_000,
      keepAlive: true,
    },
    stop: () => Promise.resolve(),
  }
}

async function startEmbedded({ folder, template }: DatabaseOptions): Promise<Server> {
  const lock = folder === null ? null : await lockFolder(join(folder, 'lock'))
  try {
    const pglite = await startEmbeddedPostgres(folder === null ? null : join(folder, 'pgdata'), template)
    const session = new PgliteSession(pglite)
    return {
      clientConfig: { stream: session.connect },
      stop: async () => {
        await pglite.close()
        await lock?.release()
      },
    }
  } catch (error) {
    await lock?.release()
    throw error
  }
}

class OpenDatabase extends Database {
  readonly #listener: Listener

  constructor(
    override readonly dataSource: DataSource,
    private readonly server: Server,
  ) {
    super()
    this.#listener = new Listener(() => new pg.Client(server.clientConfig))
  }

  override listen(channel: string, notified: (payload: string) => void): Promise<() => Promise<void>> {
    return this.#listener.listen(channel, notified)
  }

  override async ping(): Promise<void> {
    let timer: NodeJS.Timeout | undefined
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error('the database does not answer')), pingTimeoutMs)
    })
    await Promise.race([this.dataSource.query('select 1'), late]).finally(() => clearTimeout(timer))
  }

  override async pendingMigrations(): Promise<readonly string[]> {
    const known = this.dataSource.migrations.map((migration) => migration.name ?? migration.constructor.name)
    const rows: { name: string }[] = await this.dataSource.query('select name from migrations')
    const done = new Set(rows.map((row) => row.name))
    return known.filter((name) => !done.has(name))
  }

  override async close(): Promise<void> {
    await this.#listener.close()
    await this.dataSource.destroy()
    await this.server.stop()
  }
}

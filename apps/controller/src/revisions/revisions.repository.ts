import { Injectable } from '@nestjs/common'
import { keyOf, resourceKey, type Resource, type ResourceKey } from '@fairlead/core/resources'
import { Database } from '../database/database.js'
import type { Transaction } from '../database/transaction.js'
import { ResourceVersionRow } from './resource-version.entity.js'
import { fromRow, toRow } from './resource-row.js'
import type { ResourceChange, Revision, RevisionChange } from './revision.js'
import { RevisionRow } from './revision.entity.js'

/** ASCII "flrv": whoever hands out a revision number holds this to the end of the transaction. */
const numberLock = 0x666c7276
export const revisionChannel = 'fairlead_revision'

/** How far back one can read, and the newest. Revision 0 is the empty mesh before the first. */
export interface Range {
  readonly oldest: number
  readonly head: number
}

/** Which of the versions that are visible at a revision are wanted; undefined: all. */
export interface VersionFilter {
  readonly group?: string
  readonly kind?: string
  readonly namespace?: string
}

export interface RevisionPage {
  /** Only older ones than this. */
  readonly before?: number
  readonly limit: number
  /** Only those that changed this resource. */
  readonly changed?: {
    readonly group: string
    readonly kind: string
    readonly namespace: string
    readonly name: string
  }
}

/** The tables of revisions and of the versions of resources. */
@Injectable()
export class RevisionsRepository {
  constructor(private readonly database: Database) {}

  write<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.database.dataSource.transaction(work)
  }

  /** Several reads that see one state of the database, whatever is committed meanwhile. */
  read<T>(work: (transaction: Transaction) => Promise<T>): Promise<T> {
    return this.database.dataSource.transaction('REPEATABLE READ', work)
  }

  listen(notified: () => void): Promise<() => Promise<void>> {
    return this.database.listen(revisionChannel, notified)
  }

  /** From here to the end of the transaction nobody else hands out a number: commit order is number order. */
  async lock(transaction: Transaction): Promise<void> {
    await transaction.query('select pg_advisory_xact_lock($1)', [numberLock])
  }

  async range(transaction: Transaction): Promise<Range> {
    const [row]: { oldest: number | null; head: number | null }[] = await transaction.query(
      'select min(number) as oldest, max(number) as head from revision',
    )
    const oldest = row?.oldest ?? 0
    return { oldest: oldest <= 1 ? 0 : oldest, head: row?.head ?? 0 }
  }

  /** The head's versions of these resources. */
  async live(transaction: Transaction, keys: readonly ResourceKey[]): Promise<Map<ResourceKey, Resource>> {
    const ids = keys.map((key) => key.split('/'))
    const rows = await transaction
      .createQueryBuilder(ResourceVersionRow, 'v')
      .where('v.deletedRevision IS NULL')
      .andWhere(
        `(v.group, v.kind, v.namespace, v.name) IN
         (SELECT k->>0, k->>1, k->>2, k->>3 FROM jsonb_array_elements(CAST(:ids AS jsonb)) AS k)`,
        { ids: JSON.stringify(ids) },
      )
      .getMany()
    return byKey(rows)
  }

  /** Everything that is visible at a revision that is still kept, or a part of it. */
  async at(
    transaction: Transaction,
    revision: number,
    filter: VersionFilter = {},
  ): Promise<Map<ResourceKey, Resource>> {
    const rows = await transaction
      .createQueryBuilder(ResourceVersionRow, 'v')
      .where('v.createdRevision <= :revision', { revision })
      .andWhere('(v.deletedRevision IS NULL OR v.deletedRevision > :revision)')
      .andWhere(filter)
      .getMany()
    return byKey(rows)
  }

  /** What each revision in (after, upTo] changed, oldest first. */
  async changes(transaction: Transaction, after: number, upTo: number): Promise<RevisionChange[]> {
    const rows = await transaction
      .createQueryBuilder(ResourceVersionRow, 'v')
      .where('(v.createdRevision > :after AND v.createdRevision <= :upTo)', { after, upTo })
      .orWhere('(v.deletedRevision > :after AND v.deletedRevision <= :upTo)')
      .orderBy('v.kind')
      .addOrderBy('v.namespace')
      .addOrderBy('v.name')
      .getMany()
    const byRevision = new Map<number, Map<ResourceKey, ResourceChange>>()
    const side = (revision: number | null, row: ResourceVersionRow, which: 'before' | 'after') => {
      if (revision === null || revision <= after || revision > upTo) return
      const changes = byRevision.get(revision) ?? new Map<ResourceKey, ResourceChange>()
      byRevision.set(revision, changes)
      const key = rowKey(row)
      changes.set(key, { key, before: null, after: null, ...changes.get(key), [which]: fromRow(row) })
    }
    for (const row of rows) {
      side(row.createdRevision, row, 'after')
      side(row.deletedRevision, row, 'before')
    }
    return Array.from({ length: upTo - after }, (_, index) => {
      const revision = after + 1 + index
      return { revision, changes: [...(byRevision.get(revision)?.values() ?? [])] }
    })
  }

  /** Writes a revision with its changes, and tells every controller when it commits. */
  async insert(transaction: Transaction, revision: Revision, changes: readonly ResourceChange[]): Promise<void> {
    await transaction.insert(RevisionRow, { ...revision })
    const replaced = changes.filter(({ before }) => before !== null).map(({ key }) => key.split('/'))
    await transaction
      .createQueryBuilder()
      .update(ResourceVersionRow)
      .set({ deletedRevision: revision.number })
      .where('deleted_revision IS NULL')
      .andWhere(
        `(api_group, kind, namespace, name) IN
         (SELECT k->>0, k->>1, k->>2, k->>3 FROM jsonb_array_elements(CAST(:replaced AS jsonb)) AS k)`,
        { replaced: JSON.stringify(replaced) },
      )
      .execute()
    const added = changes.flatMap(({ after }) => (after === null ? [] : [toRow(after, revision.number)]))
    await this.insertVersions(transaction, added)
    await this.notify(transaction, revision.number)
  }

  /** Adds revisions as they are: import. */
  async insertRevisions(transaction: Transaction, revisions: readonly Revision[]): Promise<void> {
    if (revisions.length > 0)
      await transaction.insert(
        RevisionRow,
        revisions.map((revision) => ({ ...revision })),
      )
  }

  /** One statement with one parameter, whatever the number of rows: PostgreSQL takes 65,535 parameters at most. */
  async insertVersions(transaction: Transaction, rows: readonly ResourceVersionRow[]): Promise<void> {
    if (rows.length === 0) return
    const { metadata } = this.database.dataSource.getRepository(ResourceVersionRow)
    const columns = metadata.columns.map((column) => [`"${column.databaseName}"`, this.#typeOf(column.type)])
    const records = rows.map((row) =>
      Object.fromEntries(
        metadata.columns.map((column) => [column.databaseName, row[column.propertyName as keyof ResourceVersionRow]]),
      ),
    )
    const names = columns.map(([name]) => name).join(', ')
    const typed = columns.map(([name, type]) => `${name} ${type}`).join(', ')
    await transaction.query(
      `insert into resource_version (${names}) select ${names} from jsonb_to_recordset($1::jsonb) as row(${typed})`,
      [JSON.stringify(records)],
    )
  }

  async notify(transaction: Transaction, revision: number): Promise<void> {
    await transaction.query('select pg_notify($1, $2)', [revisionChannel, String(revision)])
  }

  find(transaction: Transaction, number: number): Promise<Revision | null> {
    return transaction.findOneBy(RevisionRow, { number })
  }

  /** Newest first. */
  list(transaction: Transaction, { before, limit, changed }: RevisionPage): Promise<Revision[]> {
    const query = transaction.createQueryBuilder(RevisionRow, 'r').orderBy('r.number', 'DESC').limit(limit)
    if (before !== undefined) query.andWhere('r.number < :before', { before })
    if (changed !== undefined) {
      const versions = query
        .subQuery()
        .select('1')
        .from(ResourceVersionRow, 'v')
        .where('(v.createdRevision = r.number OR v.deletedRevision = r.number)')
        .andWhere('v.group = :group AND v.kind = :kind AND v.namespace = :namespace AND v.name = :name')
      query.andWhere(`EXISTS ${versions.getQuery()}`, changed)
    }
    return query.getMany()
  }

  /** Forgets what only revisions before `oldest` show. */
  async forget(transaction: Transaction, oldest: number): Promise<void> {
    await transaction.query('delete from revision where number < $1', [oldest])
    await transaction.query('delete from resource_version where deleted_revision <= $1', [oldest])
  }

  /** Revisions in (after, upTo], oldest first. */
  revisions(transaction: Transaction, after: number, upTo: number): Promise<Revision[]> {
    return transaction
      .createQueryBuilder(RevisionRow, 'r')
      .where('r.number > :after AND r.number <= :upTo', { after, upTo })
      .orderBy('r.number')
      .getMany()
  }

  /** Versions that were created in (after, upTo], for export. */
  versions(transaction: Transaction, after: number, upTo: number): Promise<ResourceVersionRow[]> {
    return transaction
      .createQueryBuilder(ResourceVersionRow, 'v')
      .where('v.createdRevision > :after AND v.createdRevision <= :upTo', { after, upTo })
      .orderBy('v.createdRevision')
      .getMany()
  }

  #typeOf(type: unknown): string {
    return this.database.dataSource.driver.normalizeType({ type: type as string })
  }
}

function byKey(rows: readonly ResourceVersionRow[]): Map<ResourceKey, Resource> {
  return new Map(
    rows.map((row) => {
      const resource = fromRow(row)
      return [keyOf(resource), resource]
    }),
  )
}

function rowKey(row: ResourceVersionRow): ResourceKey {
  return resourceKey(row.group, row.kind, row.namespace, row.name)
}

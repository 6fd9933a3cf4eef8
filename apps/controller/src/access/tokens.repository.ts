import { Injectable } from '@nestjs/common'
import { IsNull, LessThan } from 'typeorm'
import { Database } from '../database/database.js'
import type { Transaction } from '../database/transaction.js'
import type { TokenType } from './secret.js'
import { TokenRow } from './token.entity.js'
import type { HashedToken } from './token.js'

/** The table of tokens. */
@Injectable()
export class TokensRepository {
  constructor(private readonly database: Database) {}

  byPrefix(type: TokenType, prefix: string): Promise<HashedToken[]> {
    return this.#rows.findBy({ type, prefix })
  }

  async has(type: TokenType): Promise<boolean> {
    return this.#rows.existsBy({ type })
  }

  list(transaction?: Transaction): Promise<HashedToken[]> {
    return (transaction?.getRepository(TokenRow) ?? this.#rows).find({ order: { name: 'ASC' } })
  }

  /** False: a token of that name exists. */
  async insert(token: HashedToken): Promise<boolean> {
    const done = await this.#rows
      .createQueryBuilder()
      .insert()
      .values(plain(token))
      .orIgnore()
      .returning('name')
      .execute()
    return (done.raw as unknown[]).length === 1
  }

  async put(token: HashedToken): Promise<void> {
    await this.#rows.upsert(plain(token), ['name'])
  }

  /** Adds what is not there by name; how many it added. */
  async add(tokens: readonly HashedToken[], transaction: Transaction): Promise<number> {
    if (tokens.length === 0) return 0
    const insert = transaction.createQueryBuilder().insert().into(TokenRow).values(tokens.map(plain))
    return ((await insert.orIgnore().returning('name').execute()).raw as unknown[]).length
  }

  async delete(name: string): Promise<HashedToken | null> {
    const row = await this.#rows.findOneBy({ name })
    const done = await this.#rows.delete({ name })
    return done.affected === 1 ? row : null
  }

  /** Notes a use, at most once for all uses before `notedAfter`. */
  async used(name: string, at: Date, notedAfter: Date): Promise<void> {
    await this.#rows.update(
      [
        { name, lastUsedAt: IsNull() },
        { name, lastUsedAt: LessThan(notedAfter) },
      ],
      {
        lastUsedAt: at,
      },
    )
  }

  get #rows() {
    return this.database.dataSource.getRepository(TokenRow)
  }
}

/** TypeORM's insert types know no readonly. */
function plain(token: HashedToken): TokenRow {
  return { ...token, labels: token.labels === null ? null : { ...token.labels } }
}

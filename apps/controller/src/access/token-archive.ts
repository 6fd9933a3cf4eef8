import { Injectable } from '@nestjs/common'
import { z } from 'zod'
import type { Transaction } from '../database/transaction.js'
import { TokensRepository } from './tokens.repository.js'

const date = z.iso.datetime().transform((text) => new Date(text))

/** A token as a line of an archive: its hash, not its secret. */
export const ArchivedToken = z.strictObject({
  name: z.string().min(1).max(253),
  type: z.enum(['api', 'join']),
  prefix: z.string(),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  namespace: z.string().nullable(),
  labels: z.record(z.string(), z.string()).nullable(),
  createdAt: date,
  expiresAt: date.nullable(),
  lastUsedAt: date.nullable(),
})
export type ArchivedToken = z.output<typeof ArchivedToken>

/** Takes tokens out of one store and into another. */
@Injectable()
export class TokenArchive {
  constructor(private readonly repository: TokensRepository) {}

  export(transaction: Transaction): Promise<readonly object[]> {
    return this.repository.list(transaction)
  }

  /**
   * Every token that has a name of its own here stays as it is, so that an import locks nobody out; one of the same name
   * comes in as `<name>-imported`, so that its bearers go on as well. How many came in.
   */
  async import(tokens: readonly ArchivedToken[], transaction: Transaction): Promise<number> {
    const present = await this.repository.list(transaction)
    const taken = new Set(present.map(({ name }) => name))
    const hashes = new Set(present.map(({ hash }) => hash))
    const added = tokens
      .filter(({ hash }) => !hashes.has(hash))
      .map((token) => (taken.has(token.name) ? { ...token, name: `${token.name}-imported` } : token))
    return this.repository.add(added, transaction)
  }
}

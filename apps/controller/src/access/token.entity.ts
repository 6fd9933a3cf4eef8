import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** One credential. The secret is not here: only its hash, and a public prefix to find it by. */
@Entity('token')
@Index('token_prefix', ['prefix'])
export class TokenRow {
  @PrimaryColumn('text')
  name!: string

  @Column('text')
  type!: 'api' | 'join'

  /** The token up to its eighth random character. */
  @Column('text')
  prefix!: string

  /** SHA-256 of the whole token, in hex. It has 256 random bits, so no slow hash is needed. */
  @Column('text')
  hash!: string

  /** Join tokens: the namespace that an agent may claim. */
  @Column('text', { nullable: true })
  namespace!: string | null

  /** Join tokens: what the agent's labels must include; null: any labels. */
  @Column('jsonb', { nullable: true })
  labels!: Record<string, string> | null

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('timestamptz', { name: 'expires_at', nullable: true })
  expiresAt!: Date | null

  /** To the minute. */
  @Column('timestamptz', { name: 'last_used_at', nullable: true })
  lastUsedAt!: Date | null
}

import { Column, Entity, PrimaryColumn } from 'typeorm'

export type RevisionSource = 'apply' | 'rest' | 'rollback' | 'import'

/** One row a revision. Numbers are handed out under one advisory lock: no gap, and commit order is number order. */
@Entity('revision')
export class RevisionRow {
  @PrimaryColumn('int')
  number!: number

  @Column('int', { nullable: true })
  parent!: number | null

  /** Name of the API token that wrote it. */
  @Column('text')
  author!: string

  @Column('text')
  message!: string

  @Column('text')
  source!: RevisionSource

  @Column('timestamptz', { name: 'created_at' })
  createdAt!: Date

  @Column('int')
  created!: number

  @Column('int')
  updated!: number

  @Column('int')
  deleted!: number
}

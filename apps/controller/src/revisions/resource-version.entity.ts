import { Column, Entity, Index, PrimaryColumn } from 'typeorm'

/** One state of one resource: visible in the revisions from `createdRevision` to the one before `deletedRevision`. */
@Entity('resource_version')
@Index('resource_version_live', ['group', 'kind', 'namespace', 'name'], {
  unique: true,
  where: 'deleted_revision IS NULL',
})
@Index('resource_version_created', ['createdRevision'])
@Index('resource_version_deleted', ['deletedRevision'])
export class ResourceVersionRow {
  @PrimaryColumn('text', { name: 'api_group' })
  group!: string

  @PrimaryColumn('text')
  kind!: string

  @PrimaryColumn('text')
  namespace!: string

  @PrimaryColumn('text')
  name!: string

  @PrimaryColumn('int', { name: 'created_revision' })
  createdRevision!: number

  /** Null: part of the head. */
  @Column('int', { name: 'deleted_revision', nullable: true })
  deletedRevision!: number | null

  @Column('text', { name: 'api_version' })
  apiVersion!: string

  @Column('uuid')
  uid!: string

  @Column('timestamptz', { name: 'creation_timestamp' })
  creationTimestamp!: Date

  @Column('int')
  generation!: number

  @Column('jsonb')
  labels!: Record<string, string>

  @Column('jsonb')
  annotations!: Record<string, string>

  @Column('jsonb')
  spec!: unknown
}

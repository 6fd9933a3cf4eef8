import { Column, Entity, PrimaryColumn } from 'typeorm'

/** One row: the number of the newest set of endpoints that was handed out. */
@Entity('endpoints_version')
export class EndpointsVersionRow {
  @PrimaryColumn('smallint')
  id!: number

  /** A bigint: comes back as a string. */
  @Column('bigint')
  version!: string
}

import { Column, Entity, PrimaryColumn } from 'typeorm'

/** Which revision an agent runs; one row an agent. */
@Entity('assignment')
export class AssignmentRow {
  @PrimaryColumn('text')
  namespace!: string

  @PrimaryColumn('text')
  name!: string

  /** Null: whatever the head is. */
  @Column('integer', { nullable: true })
  revision!: number | null
}

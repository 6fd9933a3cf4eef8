import { Column, Entity, PrimaryColumn } from 'typeorm'
import type { AgentRole, Drain, InboundBind, Presence } from './agent-record.js'

/** A row of the registry: see `AgentRecord`. */
@Entity('agent')
export class AgentRow {
  @PrimaryColumn('text')
  namespace!: string

  @PrimaryColumn('text')
  name!: string

  @Column('jsonb')
  labels!: Record<string, string>

  @Column('text')
  role!: AgentRole

  @Column('text')
  address!: string

  @Column('text')
  locality!: string

  @Column('jsonb')
  inbound!: InboundBind[]

  @Column('text', { name: 'agent_version' })
  agentVersion!: string

  /** A bigint: comes back as a string. */
  @Column('bigint', { name: 'instance_epoch' })
  instanceEpoch!: string

  @Column('timestamptz', { name: 'registered_at' })
  registeredAt!: Date

  @Column('timestamptz', { name: 'last_seen' })
  lastSeen!: Date

  @Column('text')
  drain!: Drain

  @Column('text')
  presence!: Presence
}

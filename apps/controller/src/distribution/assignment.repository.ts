import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { Database } from '../database/database.js'
import { type AgentKey, splitAgentKey } from '../fleet/agent-record.js'
import { Registry } from '../fleet/registry.js'
import { WriteBehind } from '../fleet/write-behind.js'
import { type Assignment, Assignments } from './assignments.js'
import { AssignmentRow } from './assignment.entity.js'

@Injectable()
export class AssignmentRepository extends Assignments implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(AssignmentRepository.name)
  readonly #assigned = new Set<AgentKey>()
  readonly #unsaved = new Set<AgentKey>()
  readonly #writeBehind = new WriteBehind(
    () => this.#save(),
    (error) => this.#logger.error(`assignments could not be written, will try again: ${error.message}`),
  )
  #unsubscribe: (() => void) | undefined

  constructor(
    private readonly database: Database,
    private readonly registry: Registry,
  ) {
    super()
  }

  async onModuleInit(): Promise<void> {
    const rows = await this.database.dataSource.manager.find(AssignmentRow)
    for (const { namespace, name } of rows) this.#assigned.add(`${namespace}/${name}`)
    this.#unsubscribe = this.registry.onForgotten((key) => {
      if (this.#assigned.delete(key)) this.#touch(key)
    })
  }

  async beforeApplicationShutdown(): Promise<void> {
    this.#unsubscribe?.()
    await this.#writeBehind.settled().catch(() => undefined)
    this.#writeBehind.stop()
  }

  override admit(agent: AgentKey): void {
    if (this.#assigned.has(agent)) return
    this.#assigned.add(agent)
    this.#touch(agent)
  }

  override of(_agent: AgentKey): Assignment {
    return 'head'
  }

  #touch(agent: AgentKey): void {
    this.#unsaved.add(agent)
    this.#writeBehind.touch()
  }

  async #save(): Promise<void> {
    const batch = [...this.#unsaved]
    this.#unsaved.clear()
    const { manager } = this.database.dataSource
    try {
      for (const agent of batch) {
        const row = splitAgentKey(agent)
        if (this.#assigned.has(agent)) {
          await manager.upsert(AssignmentRow, { ...row, revision: null }, ['namespace', 'name'])
        } else {
          await manager.delete(AssignmentRow, row)
        }
      }
    } catch (error) {
      for (const agent of batch) this.#unsaved.add(agent)
      throw error
    }
  }
}

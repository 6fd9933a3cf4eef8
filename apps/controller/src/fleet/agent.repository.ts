import { Injectable } from '@nestjs/common'
import type { EntityManager } from 'typeorm'
import { Database } from '../database/database.js'
import { type AgentRecord, splitAgentKey } from './agent-record.js'
import { AgentStore, type FleetChanges, type StoredFleet } from './agent-store.js'
import { AgentRow } from './agent.entity.js'
import { EndpointsVersionRow } from './endpoints-version.entity.js'

/** The only row of `endpoints_version`. */
const ROW_ID = 1
/** PostgreSQL takes 65,535 parameters in one statement; a row has 13. */
const ROWS_PER_STATEMENT = 1000

@Injectable()
export class AgentRepository extends AgentStore {
  constructor(private readonly database: Database) {
    super()
  }

  async load(): Promise<StoredFleet> {
    const manager = this.database.dataSource.manager
    const rows = await manager.find(AgentRow, { order: { namespace: 'ASC', name: 'ASC' } })
    const version = await manager.findOneBy(EndpointsVersionRow, { id: ROW_ID })
    return { agents: rows.map(recordOf), endpointsVersion: Number(version?.version ?? 0) }
  }

  async save({ changed, forgotten, endpointsVersion }: FleetChanges): Promise<void> {
    await this.database.dataSource.transaction(async (manager) => {
      await upsertAgents(manager, changed)
      for (const key of forgotten) await manager.delete(AgentRow, splitAgentKey(key))
      // Greatest: whatever happens, the number never goes backwards.
      await manager.query(
        `INSERT INTO endpoints_version (id, version) VALUES ($1, $2)
         ON CONFLICT (id) DO UPDATE SET version = GREATEST(endpoints_version.version, EXCLUDED.version)`,
        [ROW_ID, String(endpointsVersion)],
      )
    })
  }
}

async function upsertAgents(manager: EntityManager, records: readonly AgentRecord[]): Promise<void> {
  for (let start = 0; start < records.length; start += ROWS_PER_STATEMENT) {
    const rows = records.slice(start, start + ROWS_PER_STATEMENT).map(rowOf)
    await manager.upsert(AgentRow, rows, ['namespace', 'name'])
  }
}

function rowOf(record: AgentRecord): AgentRow {
  return Object.assign(new AgentRow(), record, {
    labels: { ...record.labels },
    inbound: [...record.inbound],
    instanceEpoch: String(record.instanceEpoch),
  })
}

function recordOf(row: AgentRow): AgentRecord {
  return { ...row, instanceEpoch: Number(row.instanceEpoch) }
}

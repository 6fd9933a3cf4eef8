import { afterAll, beforeAll, describe, expect, it } from '@jest/globals'
import type { Database } from '../../database/database.js'
import type { AgentRecord } from '../agent-record.js'
import { AgentRepository } from '../agent.repository.js'

const record: AgentRecord = {
  namespace: 'default',
  name: 'a',
  labels: { app: 'web' },
  role: 'sidecar',
  address: '10.0.0.7',
  locality: 'eu/a',
  inbound: [{ bindAddress: '0.0.0.0', bindPort: 15006, applicationPort: 8080, applicationAddress: '127.0.0.1' }],
  agentVersion: '0.1.0',
  instanceEpoch: 1_764_000_000_000,
  registeredAt: new Date('2026-11-24T00:00:00.123Z'),
  lastSeen: new Date('2026-11-24T01:00:00Z'),
  drain: 'operator',
  presence: 'stale',
}

/** The same for every database that can hold the registry. */
export function describeAgentRepository(name: string, connect: () => Promise<Database>): void {
  describe(`AgentRepository on ${name}`, () => {
    let database: Database
    let repository: AgentRepository

    beforeAll(async () => {
      database = await connect()
      repository = new AgentRepository(database)
    }, 60_000)
    afterAll(() => database?.close())

    it('has nothing at first, and number 0', async () => {
      expect(await repository.load()).toEqual({ agents: [], endpointsVersion: 0 })
    })

    it('returns a record as it was saved, and its next state', async () => {
      await repository.save({ changed: [record], forgotten: [], endpointsVersion: 1 })
      expect(await repository.load()).toEqual({ agents: [record], endpointsVersion: 1 })
      const next = { ...record, drain: 'none', presence: 'ready', labels: {} } as const
      await repository.save({ changed: [next], forgotten: [], endpointsVersion: 2 })
      expect(await repository.load()).toEqual({ agents: [next], endpointsVersion: 2 })
    })

    it('never takes the number back', async () => {
      await repository.save({ changed: [], forgotten: [], endpointsVersion: 1 })
      expect((await repository.load()).endpointsVersion).toBe(2)
    })

    it('saves a fleet larger than a statement, all or nothing', async () => {
      const fleet = Array.from({ length: 2_500 }, (_, i) => ({ ...record, name: `w${i}` }))
      const broken = { ...record, name: 'zz', presence: null as unknown as 'ready' }
      await expect(
        repository.save({ changed: [...fleet, broken], forgotten: ['default/a'], endpointsVersion: 9 }),
      ).rejects.toThrow()
      expect(await repository.load()).toMatchObject({ agents: [{ name: 'a' }], endpointsVersion: 2 })
      await repository.save({ changed: fleet, forgotten: ['default/a'], endpointsVersion: 9 })
      const { agents, endpointsVersion } = await repository.load()
      expect([agents.length, endpointsVersion]).toEqual([2_500, 9])
      expect(agents.some(({ name: each }) => each === 'a')).toBe(false)
    })
  })
}

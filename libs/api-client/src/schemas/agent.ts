import { z } from 'zod'
import { Labels, ListMeta } from './resource.js'

/** What an agent runs is named by three numbers that only grow. */
export const SnapshotVersion = z
  .object({ revision: z.int(), overlay: z.int(), endpoints: z.int() })
  .meta({ id: 'SnapshotVersion', examples: [{ revision: 12, overlay: 0, endpoints: 3 }] })
export type SnapshotVersion = z.infer<typeof SnapshotVersion>

export const Agent = z
  .object({
    apiVersion: z.literal('fairlead.io/v1'),
    kind: z.literal('Agent'),
    metadata: z.object({
      name: z.string(),
      namespace: z.string(),
      labels: Labels.optional(),
      creationTimestamp: z.string().optional(),
    }),
    spec: z.object({
      role: z.enum(['sidecar', 'gateway']),
      address: z.string(),
      locality: z.string().optional().meta({ description: 'region/zone/subzone' }),
      inbound: z.array(z.object({ bindAddress: z.string(), bindPort: z.int(), applicationPort: z.int() })),
    }),
    status: z.object({
      connected: z.boolean(),
      sync: z.enum(['SYNCED', 'STALE', 'NACK', 'DISCONNECTED']).meta({
        description: 'SYNCED: the last ACK is the target. STALE: not yet acknowledged. NACK: the target was refused',
      }),
      version: SnapshotVersion.nullable().meta({ description: 'Of the last ACK; null: none yet' }),
      target: SnapshotVersion.nullable(),
      nack: z.object({ version: SnapshotVersion, reason: z.string(), at: z.string() }).nullable(),
      draining: z.boolean(),
      endpoint: z.enum(['ready', 'draining', 'stale', 'removed']),
      agentVersion: z.string().optional(),
      lastSeen: z.string().nullable().optional(),
    }),
  })
  .meta({ id: 'Agent', description: 'A proxy of one workload, as the controller sees it' })
export type Agent = z.infer<typeof Agent>

export const AgentList = z
  .object({
    apiVersion: z.literal('fairlead.io/v1'),
    kind: z.literal('AgentList'),
    metadata: ListMeta.optional(),
    items: z.array(Agent),
  })
  .meta({ id: 'AgentList' })
export type AgentList = z.infer<typeof AgentList>

import { z } from 'zod'
import { ListMeta } from './resource.js'

export const Revision = z
  .object({
    apiVersion: z.literal('fairlead.io/v1'),
    kind: z.literal('Revision'),
    metadata: z.object({ name: z.string(), creationTimestamp: z.string() }),
    revision: z.int().min(0),
    parent: z.int().min(0).nullable(),
    author: z.string().meta({ description: 'Name of the API token that wrote it' }),
    message: z.string(),
    source: z.enum(['apply', 'rest', 'rollback', 'import']),
    changes: z.object({ created: z.int(), updated: z.int(), deleted: z.int() }),
  })
  .meta({
    id: 'Revision',
    description: 'An immutable, numbered state of the whole mesh; like a commit',
    examples: [
      {
        apiVersion: 'fairlead.io/v1',
        kind: 'Revision',
        metadata: { name: '12', creationTimestamp: '2026-11-23T09:00:00Z' },
        revision: 12,
        parent: 11,
        author: 'bootstrap',
        message: 'half of the traffic to v2',
        source: 'apply',
        changes: { created: 0, updated: 1, deleted: 0 },
      },
    ],
  })
export type Revision = z.infer<typeof Revision>

export const RevisionList = z
  .object({
    apiVersion: z.literal('fairlead.io/v1'),
    kind: z.literal('RevisionList'),
    metadata: ListMeta,
    items: z.array(Revision),
  })
  .meta({ id: 'RevisionList' })
export type RevisionList = z.infer<typeof RevisionList>

/** One field that differs; a side that has no such field leaves its value out. */
export const FieldChange = z
  .object({ path: z.string(), from: z.unknown().optional(), to: z.unknown().optional() })
  .meta({ id: 'FieldChange', examples: [{ path: 'spec.http[0].route[1].weight', from: 5, to: 50 }] })

export const ResourceChange = z
  .object({
    action: z.enum(['created', 'updated', 'deleted']),
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    fields: z.array(FieldChange),
  })
  .meta({ id: 'ResourceChange' })
export type ResourceChange = z.infer<typeof ResourceChange>

export const DiffResult = z
  .object({
    from: z.int().min(0),
    to: z.int().min(0).nullable().meta({ description: 'null: documents that are not applied' }),
    changes: z.array(ResourceChange),
  })
  .meta({ id: 'DiffResult', description: 'Two states of the mesh, compared by resource and field' })
export type DiffResult = z.infer<typeof DiffResult>

import { z } from 'zod'

export const ApplyAction = z.enum(['created', 'configured', 'unchanged', 'deleted'])

export const ApplyWarning = z
  .object({
    kind: z.string(),
    namespace: z.string(),
    name: z.string(),
    path: z.string(),
    message: z.string(),
    code: z.string(),
  })
  .meta({ id: 'ApplyWarning' })
export type ApplyWarning = z.infer<typeof ApplyWarning>

/** What apply and rollback answer: all of it became one revision, or (on an error status) none did. */
export const ApplyResult = z
  .object({
    revision: z.int().min(0).meta({ description: 'The new revision; the head when nothing changed' }),
    changed: z.boolean(),
    dryRun: z.boolean(),
    results: z.array(
      z.object({
        apiVersion: z.string(),
        kind: z.string(),
        namespace: z.string(),
        name: z.string(),
        action: ApplyAction,
      }),
    ),
    warnings: z.array(ApplyWarning),
  })
  .meta({
    id: 'ApplyResult',
    examples: [
      {
        revision: 12,
        changed: true,
        dryRun: false,
        results: [
          {
            apiVersion: 'networking.istio.io/v1',
            kind: 'VirtualService',
            namespace: 'default',
            name: 'reviews',
            action: 'configured',
          },
        ],
        warnings: [],
      },
    ],
  })
export type ApplyResult = z.infer<typeof ApplyResult>

import { z } from 'zod'

/** `?prune=true`. Kubernetes' clients also send 1 and 0. */
export const Flag = z.stringbool({ truthy: ['true', '1'], falsy: ['false', '0'], case: 'sensitive' })

const Whole = z.coerce.number().int()

export const LIST_LIMIT_MAX = 1000

const paging = {
  limit: Whole.min(1)
    .max(LIST_LIMIT_MAX)
    .optional()
    .meta({ description: 'At most so many items', examples: [100] }),
  continue: z.string().optional().meta({
    description:
      'From metadata.continue of the page before; consistent at the revision of the first page, 410 when gone',
  }),
}

const labelSelector = z
  .string()
  .meta({ description: "Kubernetes' label selector", examples: ['app=reviews,version!=v1'] })

export const Paging = z.object(paging)

export const RevisionQuery = z.object({
  ...paging,
  resource: z
    .string()
    .optional()
    .meta({
      description: 'Only revisions that changed `<plural>/<namespace>/<name>`',
      examples: ['virtualservices/default/reviews'],
    }),
})

export const ListQuery = z.object({
  ...paging,
  labelSelector: labelSelector.optional(),
  fieldSelector: z
    .string()
    .optional()
    .meta({ description: 'On metadata.name and metadata.namespace', examples: ['metadata.name=reviews'] }),
  resourceVersion: z.string().optional().meta({ description: 'With watch: every change after this revision' }),
  watch: Flag.optional().meta({ description: 'Answer changes as JSON lines (WatchEvent), without end' }),
  timeoutSeconds: Whole.min(1).max(3600).optional().meta({ description: 'End the watch after so long' }),
  allowWatchBookmarks: Flag.optional(),
})

const dryRun = z.literal('All').optional().meta({ description: 'Check everything, store nothing' })
const message = z.string().max(1000).optional().meta({ description: 'Why, for the history' })
const allowPending = Flag.optional().meta({ description: 'Accept fields that this version does not enforce yet' })

export const WriteQuery = z.object({ dryRun, message, allowPending })

export const RollbackQuery = z.object({ dryRun, message })

export const ApplyQuery = z.object({
  dryRun,
  message,
  namespace: z
    .string()
    .optional()
    .meta({ description: 'Of documents that name none', examples: ['default'] }),
  prune: Flag.optional().meta({
    description: 'Delete what matches labelSelector and is not in the documents; needs labelSelector',
  }),
  labelSelector: labelSelector.optional(),
  allowPending,
})

export const DiffQuery = z.object({
  from: z
    .union([Whole.min(0), z.literal('head')])
    .optional()
    .meta({ description: 'Default: the parent' }),
})

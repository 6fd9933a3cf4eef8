import { z } from 'zod'

const DNS_LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const DNS_SUBDOMAIN = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/

export const NamespaceName = z
  .string()
  .max(63)
  .regex(DNS_LABEL)
  .meta({ examples: ['default'] })
export const ObjectName = z
  .string()
  .max(253)
  .regex(DNS_SUBDOMAIN)
  .meta({ examples: ['reviews'] })
export const Labels = z.record(z.string(), z.string()).meta({ examples: [{ app: 'reviews', version: 'v1' }] })

export const ObjectMeta = z
  .looseObject({
    name: ObjectName,
    namespace: NamespaceName.optional(),
    labels: Labels.optional(),
    annotations: z.record(z.string(), z.string()).optional(),
    uid: z.string().optional().meta({ description: 'Given at creation; kept through rollback and import' }),
    creationTimestamp: z
      .string()
      .optional()
      .meta({ examples: ['2026-11-23T09:00:00Z'] }),
    resourceVersion: z
      .string()
      .optional()
      .meta({ description: 'Number of the revision that last changed the object', examples: ['12'] }),
    generation: z.int().optional().meta({ description: 'Grows with each change of spec' }),
  })
  .meta({ id: 'AnyObjectMeta' })

/** Any mesh resource, whatever its kind. */
export const ResourceObject = z
  .looseObject({
    apiVersion: z.string().meta({ examples: ['networking.istio.io/v1'] }),
    kind: z.string().meta({ examples: ['VirtualService'] }),
    metadata: ObjectMeta,
    spec: z.unknown().optional(),
  })
  .meta({ id: 'ResourceObject', description: 'An object of any kind' })
export type ResourceObject = z.infer<typeof ResourceObject>

export const ListMeta = z
  .object({
    resourceVersion: z.string().optional().meta({ description: 'The revision that the list is a picture of' }),
    continue: z.string().optional().meta({ description: 'Hand it back as ?continue= for the next page' }),
  })
  .meta({ id: 'ListMeta' })

/** Objects of several kinds, as `/revisions/{n}/resources` answers. */
export const ResourceList = z
  .object({
    apiVersion: z.string(),
    kind: z.string().meta({ examples: ['List'] }),
    metadata: ListMeta.optional(),
    items: z.array(ResourceObject),
  })
  .meta({ id: 'ResourceList' })
export type ResourceList = z.infer<typeof ResourceList>

export const WATCH_EVENT_TYPES = ['ADDED', 'MODIFIED', 'DELETED', 'BOOKMARK', 'ERROR'] as const

/** One line of a watch. The object of ERROR is a Problem; of BOOKMARK only metadata.resourceVersion counts. */
export const WatchEvent = z
  .object({ type: z.enum(WATCH_EVENT_TYPES), object: z.looseObject({}) })
  .meta({ id: 'WatchEvent', description: 'One line of a watch (JSON lines)' })
export type WatchEvent = z.infer<typeof WatchEvent>

import * as z from 'zod'
import { objectMeta } from './common/object-meta.js'
import type { Rules } from './common/rules.js'

export interface KindDefinition {
  readonly group: string
  readonly kind: string
  readonly plural: string
  readonly singular: string
  readonly shortNames: readonly string[]
  /** Spellings of one object, the storage version first. */
  readonly versions: readonly string[]
  readonly storageVersion: string
  /** The name is a DNS-1123 label, without dots, as Istio has it for Gateway. */
  readonly nameIsLabel: boolean
  /** The spec. */
  readonly schema: z.ZodObject
  /** The whole resource, for OpenAPI. */
  readonly resourceSchema: z.ZodObject
  readonly rules: Rules<object>
}

export function defineKind<Schema extends z.ZodObject>(definition: {
  readonly kind: string
  readonly plural: string
  readonly shortNames: readonly string[]
  readonly nameIsLabel?: boolean
  readonly schema: Schema
  readonly rules: Rules<z.output<Schema>>
}): KindDefinition {
  const group = 'networking.istio.io'
  const versions = ['v1', 'v1beta1', 'v1alpha3']
  const { kind, schema } = definition
  return {
    nameIsLabel: false,
    ...definition,
    // Sound: the validator hands each kind's rules what is left of a value after that kind's own schema.
    rules: definition.rules as Rules<object>,
    group,
    singular: kind.toLowerCase(),
    versions,
    storageVersion: 'v1',
    resourceSchema: z
      .strictObject({
        apiVersion: z.enum(versions.map((version) => `${group}/${version}`)),
        kind: z.literal(kind),
        metadata: objectMeta,
        spec: schema,
      })
      .meta({ id: kind }),
  }
}

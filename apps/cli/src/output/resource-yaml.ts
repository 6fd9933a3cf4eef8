import type { ResourceObject } from '@fairlead/api-client'
import { toYaml, type Resource } from '@fairlead/core/resources'

/** Documents in canonical form that can be applied again, separated by `---`. */
export function resourcesToYaml(objects: readonly ResourceObject[]): string {
  return objects.map((object) => toYaml(object as Resource)).join('---\n')
}

import type { ResourceObject } from '@fairlead/api-client'
import { stringify } from 'yaml'

/** Documents that can be applied again, separated by `---`. */
export function resourcesToYaml(objects: readonly ResourceObject[]): string {
  return objects.map((object) => stringify(object)).join('---\n')
}

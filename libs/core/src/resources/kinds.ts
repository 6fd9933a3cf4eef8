import { destinationRuleRules } from './destination-rule/destination-rule.rules.js'
import { destinationRuleSpec } from './destination-rule/schema.js'
import { gatewayRules } from './gateway/gateway.rules.js'
import { gatewaySpec } from './gateway/schema.js'
import { defineKind, type KindDefinition } from './kind-definition.js'
import { serviceEntrySpec } from './service-entry/schema.js'
import { serviceEntryRules } from './service-entry/service-entry.rules.js'
import { virtualServiceSpec } from './virtual-service/schema.js'
import { virtualServiceRules } from './virtual-service/virtual-service.rules.js'

/** Every kind of resource there is. A new kind is a folder and an entry here. */
export const kinds: readonly KindDefinition[] = [
  defineKind({
    kind: 'VirtualService',
    plural: 'virtualservices',
    shortNames: ['vs'],
    schema: virtualServiceSpec,
    rules: virtualServiceRules,
  }),
  defineKind({
    kind: 'DestinationRule',
    plural: 'destinationrules',
    shortNames: ['dr'],
    schema: destinationRuleSpec,
    rules: destinationRuleRules,
  }),
  defineKind({
    kind: 'ServiceEntry',
    plural: 'serviceentries',
    shortNames: ['se'],
    schema: serviceEntrySpec,
    rules: serviceEntryRules,
  }),
  defineKind({
    kind: 'Gateway',
    plural: 'gateways',
    shortNames: ['gw'],
    nameIsLabel: true,
    schema: gatewaySpec,
    rules: gatewayRules,
  }),
]

/** By plural (`virtualservices`, as in paths) or kind (`VirtualService`, as in documents). */
export function findKind(group: string, pluralOrKind: string): KindDefinition | undefined {
  return kinds.find((kind) => kind.group === group && (kind.plural === pluralOrKind || kind.kind === pluralOrKind))
}

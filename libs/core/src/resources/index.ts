export * from './resource.js'
export * from './finding.js'
export { durationMs } from './common/duration.js'
export type { Headers, HeaderOperations } from './common/headers.js'
export type { StringMatch } from './common/string-match.js'
export type { TypeWorkloadSelector, WorkloadSelector } from './common/workload-selector.js'
export type { VirtualServiceSpec } from './virtual-service/schema.js'
export type { Destination } from './virtual-service/destination.schema.js'
export type { HTTPMatchRequest } from './virtual-service/http-match.schema.js'
export type {
  HTTPDirectResponse,
  HTTPRedirect,
  HTTPRetry,
  HTTPRewrite,
  HTTPRoute,
  HTTPRouteDestination,
} from './virtual-service/http-route.schema.js'
export type {
  DestinationRuleSpec,
  LoadBalancerSettings,
  PortTrafficPolicy,
  Subset,
  TrafficPolicy,
} from './destination-rule/schema.js'
export type { ServiceEntrySpec, ServicePort, WorkloadEntrySpec } from './service-entry/schema.js'
export type { GatewaySpec, Server, ServerTLSSettings } from './gateway/schema.js'
export type { FieldState } from './common/field.js'
export { formatPath, parsePath, type Path } from './common/path.js'
export type { KindDefinition } from './kind-definition.js'
export { findKind, kinds } from './kinds.js'
export type { ParsedDocument, SourcePlace } from './document/document.js'
export { parseDocuments } from './document/parse-documents.js'
export { validateResource, type ValidationContext, type ValidationResult } from './validate-resource.js'
export { readResource, readResources, type ReadDocument, type ReadOptions } from './read-resources.js'
export { canonical, canonicalJson, sameMeaning, toVersion, toYaml } from './canonical.js'
export { compatibilityTable } from './compatibility-table.js'

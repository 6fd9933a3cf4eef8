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

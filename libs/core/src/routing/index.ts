export * from './request-view.js'
export { requestView, type RequestInWords } from './build-request-view.js'
export { buildRouteTable, RouteTableError, type RouteTable } from './route-table.js'
export type { RouteEntry, VirtualHostTable } from './virtual-host-table.js'
export { cumulativeWeights, pickCluster } from './pick-cluster.js'
export {
  createPathNormalizer,
  PATH_NORMALIZATIONS,
  PATH_REFUSED,
  type PathNormalization,
  type PathNormalizer,
} from './path-normalizer.js'
export { ByteMap } from './byte-map.js'
export { LOWER, type Folding } from './bytes.js'

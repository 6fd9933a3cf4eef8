/** Istio's key of a cluster (S14): `outbound|80|v1|reviews.default.svc.cluster.local`; the subset may be empty. */
export function outboundCluster(port: number, subset: string, host: string): string {
  return `outbound|${port}|${subset}|${host}`
}

/** `inbound|8080||`: route config, cluster and endpoints of one application port. */
export function inboundCluster(applicationPort: number): string {
  return `inbound|${applicationPort}||`
}

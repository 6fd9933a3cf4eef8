/** The route table that Fairlead and Envoy get alike: `services` services, the first of them with `rules` rules. */
export const benchHost = 'service-0.default.svc.cluster.local'
export const TIMEOUT_SECONDS = 15
export const RETRY_ATTEMPTS = 2

/** The rule that a request takes; what a peer is asked for begins with one of these. */
export const takenPrefixes = ['/upload/', '/bytes/']

/** Paths of the rules before the ones that are taken, and the header that the first rule asks for. */
export function otherRules(count) {
  const exact = Array.from({ length: Math.ceil(count / 2) }, (_, i) => ({ exact: `/exact/${i}` }))
  const prefix = Array.from({ length: Math.floor(count / 2) }, (_, i) => ({ prefix: `/prefix/${i}/` }))
  return [...exact, ...prefix]
}
export const canaryHeader = 'x-canary'

export function serviceHost(index) {
  return `service-${index}.default.svc.cluster.local`
}

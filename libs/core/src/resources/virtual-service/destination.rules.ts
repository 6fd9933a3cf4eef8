import { isDnsLabel, isWildcardHost } from '../common/names.js'
import type { Report } from '../common/report.js'
import type { Destination } from './destination.schema.js'

/** Envoy sums weights in 32 bits. */
const WEIGHTS_MAX = 4294967295

export function checkDestination(destination: Destination, report: Report): void {
  const { host, subset } = destination
  if (host === '') report.at('host').error('required', 'the host is empty: name a host of the registry')
  else if (host === '*' || !isWildcardHost(host)) {
    report.at('host').error('host', `${JSON.stringify(host)} is no host: expected a name without port, other than "*"`)
  }
  if (subset !== undefined && subset !== '' && !isDnsLabel(subset)) {
    report.at('subset').error('name', `${JSON.stringify(subset)} is no DNS-1123 label: expected a name like "v1"`)
  }
}

/** One destination: its weight is ignored. Several: none negative, not all 0. */
export function checkWeights(routes: readonly { readonly weight?: number }[], report: Report): void {
  let sum = 0
  routes.forEach(({ weight = 0 }, index) => {
    if (weight < 0) report.at(index, 'weight').error('weight', `found ${weight}, expected 0 or more`)
    else sum += weight
  })
  if (routes.length > 1 && sum === 0) {
    report.error('weight', 'all weights are 0: give at least one destination a weight above 0')
  }
  if (sum > WEIGHTS_MAX) report.error('weight', `the weights add up to ${sum}, expected at most ${WEIGHTS_MAX}`)
}

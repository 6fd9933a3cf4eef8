import { isDnsLabel, isDnsSubdomain } from '../common/names.js'
import type { Report } from '../common/report.js'

/** `mesh`, `name` or `namespace/name`. */
export function checkGatewayNames(gateways: readonly string[], report: Report): void {
  gateways.forEach((gateway, index) => {
    const [name = '', namespace, ...rest] = gateway.split('/').reverse()
    if (rest.length > 0 || !isDnsSubdomain(name) || (namespace !== undefined && !isDnsLabel(namespace))) {
      report
        .at(index)
        .error('gateway', `${JSON.stringify(gateway)} names no gateway: expected mesh, name or namespace/name`)
    }
  })
}

import { checkExportTo } from '../common/export-to.js'
import { widerHost } from '../common/host-cover.js'
import { isIp, isWildcardHost } from '../common/names.js'
import type { Report } from '../common/report.js'
import { earlierSame, type Rules } from '../common/rules.js'
import { checkGatewayNames } from './gateway-names.js'
import { checkHttpRoutes } from './http-route.rules.js'
import { checkTcpRoutes, checkTlsRoutes } from './layer4-route.rules.js'
import type { VirtualServiceSpec } from './schema.js'

export const virtualServiceRules: Rules<VirtualServiceSpec> = (spec, { namespace }, report) => {
  const { hosts = [], gateways = [], http = [], tls = [], tcp = [] } = spec
  if (hosts.length === 0) checkDelegate(spec, report)
  else checkHosts(hosts, gateways, report.at('hosts'))
  checkGatewayNames(gateways, report.at('gateways'))
  if (http.length + tls.length + tcp.length === 0) {
    report.error('required', 'no routes: expected at least one of http, tls, tcp')
  }
  checkHttpRoutes(http, hosts.length === 0, report.at('http'))
  checkTlsRoutes(tls, hosts, report.at('tls'))
  checkTcpRoutes(tcp, report.at('tcp'))
  checkExportTo(spec.exportTo, namespace, report.at('exportTo'))
}

function checkHosts(hosts: readonly string[], gateways: readonly string[], report: Report): void {
  const forMesh = gateways.length === 0 || gateways.includes('mesh')
  const same = earlierSame(hosts, (host) => host.toLowerCase())
  const wider = widerHost(hosts)
  hosts.forEach((host, index) => {
    const at = report.at(index)
    if (host === '*' && forMesh) {
      at.error('host', '"*" is only for gateways: name hosts, or name the gateways and leave out mesh')
    } else if (!isWildcardHost(host) && !isIp(host)) {
      at.error('host', `${JSON.stringify(host)} is no host: expected a name without port, "*.suffix" or an IP address`)
    } else {
      const other = same[index] === undefined ? wider(host) : hosts[same[index]]
      if (other !== undefined) {
        at.error('duplicate', `${JSON.stringify(host)} is within ${JSON.stringify(other)} already: keep one of them`)
      }
    }
  })
}

/** A VirtualService without hosts is one that others delegate to. */
function checkDelegate(spec: Partial<VirtualServiceSpec>, report: Report): void {
  report
    .at('hosts')
    .warning('pending', 'a VirtualService without hosts is a delegate; delegation is not enforced by this version')
  for (const field of ['gateways', 'tls', 'tcp'] as const) {
    if ((spec[field] ?? []).length > 0) {
      report.at(field).error('delegate', `a delegate (no hosts) has no ${field}: remove them, or name hosts`)
    }
  }
}

import type * as z from 'zod'
import { hostCover } from '../common/host-cover.js'
import { isCidr, isIp, isWildcardHost } from '../common/names.js'
import type { Report } from '../common/report.js'
import { checkSelector } from '../common/selector-rules.js'
import { checkDestination, checkWeights } from './destination.rules.js'
import type { tcpRoute, tlsRoute } from './layer4-route.schema.js'
import { checkGatewayNames } from './gateway-names.js'

type TcpRoute = z.output<typeof tcpRoute>
type TlsRoute = z.output<typeof tlsRoute>

export function checkTlsRoutes(routes: readonly TlsRoute[], hosts: readonly string[], report: Report): void {
  const cover = hostCover(hosts)
  routes.forEach((route, index) => {
    const at = report.at(index)
    if (route.match.length === 0) at.at('match').error('required', 'expected at least one match, with sniHosts')
    route.match.forEach((match, position) => {
      const ofMatch = at.at('match', position)
      checkMatch(match, ofMatch)
      if (match.sniHosts.length === 0) ofMatch.at('sniHosts').error('required', 'expected at least one server name')
      match.sniHosts.forEach((name, i) => {
        if (!isWildcardHost(name)) {
          ofMatch.at('sniHosts', i).error('host', `${JSON.stringify(name)} is no server name`)
        } else if (cover(name) === undefined) {
          ofMatch.at('sniHosts', i).error('host', `${JSON.stringify(name)} is not within spec.hosts: add it there`)
        }
      })
    })
    checkRoutes(route.route, at.at('route'))
  })
}

export function checkTcpRoutes(routes: readonly TcpRoute[], report: Report): void {
  routes.forEach((route, index) => {
    route.match?.forEach((match, position) => checkMatch(match, report.at(index, 'match', position)))
    checkRoutes(route.route, report.at(index, 'route'))
  })
}

function checkMatch(match: NonNullable<TcpRoute['match']>[number] | TlsRoute['match'][number], report: Report): void {
  match.destinationSubnets?.forEach((subnet, index) => {
    if (!isIp(subnet) && !isCidr(subnet)) {
      report
        .at('destinationSubnets', index)
        .error('address', `${JSON.stringify(subnet)} is no address: expected an IP address or a range like 10.0.0.0/8`)
    }
  })
  checkSelector(match.sourceLabels, report.at('sourceLabels'))
  checkGatewayNames(match.gateways ?? [], report.at('gateways'))
}

function checkRoutes(routes: TcpRoute['route'], report: Report): void {
  if (routes === undefined || routes.length === 0) report.error('required', 'expected at least one destination')
  routes?.forEach(({ destination }, index) => checkDestination(destination, report.at(index, 'destination')))
  checkWeights(routes ?? [], report)
}

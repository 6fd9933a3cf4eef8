import { message, pending, refused, required } from '../common/field.js'
import { int32, list, map, port, text } from '../common/scalar.js'
import { destination } from './destination.schema.js'

const routeDestination = message('RouteDestination', {
  destination: required(pending(destination, 'Where to send the connection.')),
  weight: pending(int32(), 'Share of the connections, relative to the sum.', { default: 0 }),
})

const conditions = {
  destinationSubnets: pending(list(text()), 'Addresses or CIDR ranges of the original destination.'),
  port: pending(port(), 'Port of the original destination.'),
  sourceLabels: pending(map(text()), 'Labels of the client workload.'),
  gateways: pending(list(text()), "Overrides the resource's `gateways`."),
  sourceNamespace: pending(text(), 'Namespace of the client workload.'),
}

const l4MatchAttributes = message('L4MatchAttributes', {
  ...conditions,
  sourceSubnet: refused(text(), 'Address range of the client.', 'Istio hides it and no version implements it'),
})

const tlsMatchAttributes = message('TLSMatchAttributes', {
  sniHosts: required(pending(list(text()), "Server names; each within the resource's hosts.")),
  ...conditions,
})

export const tcpRoute = message('TCPRoute', {
  match: pending(list(l4MatchAttributes), 'Any of the entries must match. Absent: every connection.'),
  route: pending(list(routeDestination), 'Where to send the connection, by weight.'),
})

export const tlsRoute = message('TLSRoute', {
  match: required(pending(list(tlsMatchAttributes), 'Any of the entries must match.')),
  route: pending(list(routeDestination), 'Where to send the connection, by weight.'),
})

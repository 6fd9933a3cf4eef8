import type * as z from 'zod'
import { allOf, enforced, message, pending, required } from '../common/field.js'
import { choice, list, map, port, protocol, text, uint32 } from '../common/scalar.js'
import { workloadSelector } from '../common/workload-selector.js'

const notYet = { state: 'pending', reason: 'this version proxies HTTP/1.1 only' } as const
const NOT_YET = [
  'HTTPS',
  'GRPC',
  'GRPC-WEB',
  'HTTP2',
  'MONGO',
  'REDIS',
  'MYSQL',
  'TCP',
  'TLS',
  'UDP',
  'HTTP_PROXY',
] as const

const servicePort = message('ServicePort', {
  number: required(enforced(port(), 'The port that clients use; unique.')),
  protocol: enforced(protocol(['HTTP', ...NOT_YET]), 'Absent: Istio detects it.', {
    values: allOf(NOT_YET, notYet),
  }),
  name: required(enforced(text(), 'A DNS-1123 label; unique.')),
  targetPort: enforced(port(), "The endpoint's port. Absent: `number`. An endpoint's `ports` beats it."),
})
export type ServicePort = z.output<typeof servicePort>

export const workloadEntrySpec = message(
  'WorkloadEntrySpec',
  {
    address: enforced(text(), 'IP address, `unix:///path`, or with resolution DNS a host name.'),
    ports: enforced(map(port()), "Port by service port name; beats the service port's targetPort."),
    labels: enforced(map(text()), "Labels that a DestinationRule's subsets select."),
    network: pending(text(), 'Network of the endpoint, where several are joined by gateways.'),
    locality: enforced(text(), 'region/zone/subzone; carried to the endpoint.'),
    weight: enforced(uint32(), 'Share of the load, relative to the other endpoints.', { default: 1 }),
    serviceAccount: pending(text(), 'Identity of the endpoint.'),
  },
  { name: 'WorkloadEntry' },
)
export type WorkloadEntrySpec = z.output<typeof workloadEntrySpec>

/** `networking.istio.io/ServiceEntry`, as in istio/api's service_entry.proto. */
export const serviceEntrySpec = message(
  'ServiceEntrySpec',
  {
    hosts: required(enforced(list(text()), 'Names of the service; `*.suffix` is allowed, `*` is not.')),
    addresses: pending(list(text()), 'Virtual IP addresses or CIDR ranges of the service.', {
      reason: 'this version finds a service by the authority of the request, not by virtual IP',
    }),
    ports: enforced(list(servicePort), 'Ports of the service.'),
    location: enforced(
      choice(['MESH_EXTERNAL', 'MESH_INTERNAL']),
      'Whether the service is part of the mesh, with mutual TLS and an identity.',
      {
        default: 'MESH_EXTERNAL',
        values: {
          MESH_INTERNAL: {
            state: 'no-effect',
            reason: 'it decides on mutual TLS and identity, which this version does not have: traffic is plain',
          },
        },
      },
    ),
    resolution: enforced(
      choice(['NONE', 'STATIC', 'DNS', 'DNS_ROUND_ROBIN', 'DYNAMIC_DNS']),
      'How endpoints are found: STATIC takes addresses as they are, DNS resolves names again and again and uses all addresses. Absent: NONE.',
      {
        values: {
          NONE: { state: 'pending', reason: 'forwarding to the original destination is not enforced by this version' },
          DNS_ROUND_ROBIN: { state: 'pending', reason: 'not enforced by this version; DNS uses all addresses' },
          DYNAMIC_DNS: { state: 'pending', reason: 'not enforced by this version' },
        },
      },
    ),
    endpoints: enforced(list(workloadEntrySpec), 'Endpoints, written out. Not together with workloadSelector.'),
    workloadSelector: enforced(workloadSelector, 'Workloads of the own namespace that are its endpoints.'),
    exportTo: enforced(list(text()), 'Namespaces that see it: `.` the own, `*` all, `~` none, or names.', {
      default: ['*'],
    }),
    subjectAltNames: pending(list(text()), "Names that the server's certificate must carry."),
  },
  { name: 'ServiceEntry' },
)
export type ServiceEntrySpec = z.output<typeof serviceEntrySpec>

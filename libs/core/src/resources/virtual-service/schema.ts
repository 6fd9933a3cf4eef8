import type * as z from 'zod'
import { enforced, message, pending } from '../common/field.js'
import { list, text } from '../common/scalar.js'
import { httpRoute } from './http-route.schema.js'
import { tcpRoute, tlsRoute } from './layer4-route.schema.js'

/** `networking.istio.io/VirtualService`, as in istio/api's virtual_service.proto. */
export const virtualServiceSpec = message(
  'VirtualServiceSpec',
  {
    hosts: enforced(
      list(text()),
      'Hosts that the routes are for: names, short names of the own namespace, `*.suffix`. Empty only for a delegate.',
    ),
    gateways: enforced(list(text()), '`namespace/name` or `name` of gateways; `mesh` means all sidecars.', {
      default: ['mesh'],
    }),
    http: enforced(list(httpRoute), 'Routes in order; the first match wins. No match: 404 NR.'),
    tls: pending(list(tlsRoute), 'Routes for TLS that is not terminated here, by server name.'),
    tcp: pending(list(tcpRoute), 'Routes for TCP.'),
    exportTo: enforced(list(text()), 'Namespaces that see it: `.` the own, `*` all, or names.', { default: ['*'] }),
  },
  { name: 'VirtualService' },
)
export type VirtualServiceSpec = z.output<typeof virtualServiceSpec>

import { duration } from '../common/duration.js'
import { enforced, message, pending, required } from '../common/field.js'
import { choice, double, flag, list, map, text, uint32, uint64 } from '../common/scalar.js'

const attribute = message('ConsistentHashLB.HTTPCookie.Attribute', {
  name: required(pending(text(), 'Name of the attribute; unique.')),
  value: pending(text(), 'Its value.'),
})

const httpCookie = message('ConsistentHashLB.HTTPCookie', {
  name: required(pending(text(), 'Name of the cookie.')),
  path: pending(text(), 'Path of the cookie.'),
  ttl: pending(duration(0), 'Lifetime; 0s: a session cookie. Absent: no cookie is made.'),
  attributes: pending(list(attribute), 'Further attributes of the cookie.'),
})

const consistentHash = message(
  'ConsistentHashLB',
  {
    httpHeaderName: pending(text(), 'Hashes this header.'),
    httpCookie: pending(httpCookie, 'Hashes this cookie.'),
    useSourceIp: pending(flag(), "Hashes the client's address."),
    httpQueryParameterName: pending(text(), 'Hashes this query parameter.'),
    ringHash: pending(
      message('ConsistentHashLB.RingHash', {
        minimumRingSize: pending(uint64(), 'Least number of virtual nodes; absent: 1024.'),
      }),
      'Ketama ring.',
    ),
    maglev: pending(
      message('ConsistentHashLB.MagLev', {
        tableSize: pending(uint64(), 'Size of the table, a prime below 5000011; absent: 65537.'),
      }),
      'Maglev table.',
    ),
    minimumRingSize: pending(uint64(), 'Least number of virtual nodes.', { deprecated: 'use ringHash' }),
  },
  {
    oneofs: [
      ['httpHeaderName', 'httpCookie', 'useSourceIp', 'httpQueryParameterName'],
      ['ringHash', 'maglev'],
    ],
  },
)

const localityLbSetting = message('LocalityLoadBalancerSetting', {
  distribute: pending(
    list(
      message('LocalityLoadBalancerSetting.Distribute', {
        from: pending(text(), 'Locality of the client: region/zone/subzone, `*` for any.'),
        to: pending(map(uint32()), 'Weight by locality; 1 to 100 each, 100 together.'),
      }),
    ),
    'Shares of traffic by locality. Not together with failover.',
  ),
  failover: pending(
    list(
      message('LocalityLoadBalancerSetting.Failover', {
        from: pending(text(), 'Region.'),
        to: pending(text(), 'Region to fail over to.'),
      }),
    ),
    'Which region takes over. Needs outlierDetection.',
  ),
  failoverPriority: pending(list(text()), 'Labels, in order, that rank endpoints.'),
  enabled: pending(flag(), 'Overrides the switch of the mesh.'),
})

const zoneAwareLbSetting = message('ZoneAwareLoadBalancerSetting', {
  enabled: pending(flag(), 'On when the block is there.'),
  failover: pending(
    list(
      message('ZoneAwareLoadBalancerSetting.Failover', {
        from: pending(text(), 'Region.'),
        to: pending(text(), 'Region to fail over to.'),
      }),
    ),
    'Order of remote regions.',
  ),
  failoverPriority: pending(list(text()), 'Labels, in order, that rank endpoints.'),
  minClusterSize: pending(uint64(), 'Fewest endpoints for zone-aware balancing; absent: 6.'),
})

const warmup = message('WarmupConfiguration', {
  duration: required(pending(duration(), 'How long a new endpoint is warmed up.')),
  minimumPercent: pending(double(), 'Least share of its weight at the start; absent: 10.'),
  aggression: pending(double(), 'Above 0; 1 is linear.'),
})

export const loadBalancerSettings = message(
  'LoadBalancerSettings',
  {
    simple: enforced(
      choice(['UNSPECIFIED', 'LEAST_CONN', 'RANDOM', 'PASSTHROUGH', 'ROUND_ROBIN', 'LEAST_REQUEST']),
      'How an endpoint is picked. UNSPECIFIED and LEAST_CONN mean LEAST_REQUEST.',
      {
        default: 'UNSPECIFIED',
        values: {
          PASSTHROUGH: {
            state: 'pending',
            reason: 'forwarding to the original destination is not enforced by this version',
          },
        },
      },
    ),
    consistentHash: pending(consistentHash, 'Picks an endpoint by a hash of the request.'),
    localityLbSetting: pending(localityLbSetting, "Balancing by locality; replaces the mesh's setting."),
    zoneAwareLbSetting: pending(zoneAwareLbSetting, 'Balancing within the zone of the client.'),
    warmupDurationSecs: pending(duration(), 'How long a new endpoint is warmed up.', { deprecated: 'use warmup' }),
    warmup: pending(warmup, 'Slow start of new endpoints. Only ROUND_ROBIN and LEAST_REQUEST.'),
  },
  { oneofs: [['simple', 'consistentHash']] },
)

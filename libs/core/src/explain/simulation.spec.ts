import { describe, it, expect } from '@jest/globals'
import { parseAllDocuments } from 'yaml'
import { Compiler, type AgentScope, type Workload } from '../compile/index.js'
import { buildMesh, DEFAULT_MESH_SETTINGS } from '../mesh/index.js'
import type { Resource } from '../resources/index.js'
import { simulate, type Call } from './simulate.js'

/** A world of resources and workloads; `calls` gives each call's verdict in one line. */
interface World {
  readonly yaml: string
  readonly scope?: Partial<AgentScope>
  readonly workloads?: readonly Workload[]
}

type Row = readonly [what: string, call: string, verdict: string, headers?: Readonly<Record<string, string>>]

const KINDS: Readonly<Record<string, string>> = {
  SE: 'ServiceEntry',
  VS: 'VirtualService',
  DR: 'DestinationRule',
  GW: 'Gateway',
}

const CREATED = { old: '2026-01-01T00:00:00Z', new: '2026-02-01T00:00:00Z' }

/** Documents `{is: VS, of: namespace/name, age: old|new, ...spec}`. */
function resources(yaml: string): readonly Resource[] {
  return parseAllDocuments(yaml).flatMap((document) => {
    const written = document.toJS() as
      ({ is: string; of: string; age?: 'old' | 'new' } & Record<string, unknown>) | null
    if (written === null) return []
    const { is, of, age, ...spec } = written
    const [namespace = '', name = ''] = of.split('/')
    const metadata = { namespace, name, ...(age !== undefined && { creationTimestamp: CREATED[age] }) }
    return [{ apiVersion: 'networking.istio.io/v1', kind: KINDS[is]!, metadata, spec }]
  })
}

const SIDECAR: AgentScope = {
  namespace: 'default',
  name: 'client',
  labels: { app: 'client' },
  role: 'sidecar',
  locality: '',
  inbound: [],
}

/** `GET http://host:port/path?query`; a gateway is called at the port of the authority too. */
function parseCall(text: string, role: AgentScope['role'], headers: Readonly<Record<string, string>> = {}): Call {
  const [, method = '', scheme = '', authority = '', path = '', query] =
    /^(\S+) (https?):\/\/([^/?]+)([^?]*)(?:\?(.*))?$/.exec(text)!
  return {
    direction: role === 'gateway' ? 'gateway' : 'outbound',
    port: Number(/:(\d+)$/.exec(authority)?.[1] ?? 80),
    method,
    scheme,
    authority,
    path: path === '' ? '/' : path,
    ...(query !== undefined && { query }),
    headers: Object.entries(headers),
  }
}

function verdict(world: World, call: Call | string, headers?: Readonly<Record<string, string>>): string {
  const scope = { ...SIDECAR, ...world.scope }
  const snapshot = new Compiler().compile({
    mesh: buildMesh({ resources: resources(world.yaml), settings: DEFAULT_MESH_SETTINGS }),
    workloads: world.workloads ?? [],
    scope,
    version: { revision: 1, overlay: 0, endpoints: 0 },
  })
  const result = simulate(snapshot, typeof call === 'string' ? parseCall(call, scope.role, headers) : call)
  if (!('virtualHost' in result)) return result.error
  if ('error' in result) return `${result.virtualHost} ${result.error}`
  const route = `${result.virtualHost} ${result.route || '-'}`
  if ('redirect' in result) return `${route} redirect ${result.redirect}`
  if ('status' in result) return `${route} status ${result.status}`
  const destinations = result.destinations.map(
    ({ cluster, weight, state }) => `${weight}*${cluster}${state === 'ok' ? '' : ` ${state}`}`,
  )
  return `${route} ${destinations.join(', ')}`
}

function simulation(name: string, world: World, rows: readonly Row[]): void {
  describe(name, () => {
    // Rest parameters: jest takes a fourth named one for a callback.
    it.each(rows)('%s: %s', (...[, call, expected, headers]: Row) => {
      expect(verdict(world, call, headers)).toBe(expected)
    })
  })
}

const endpoint = 'resolution: STATIC, endpoints: [{address: 10.0.0.1}]'
const FQDN = 'svc.cluster.local'

/** Services of the world: reviews has one port, ratings has two; both in `default`. */
const SERVICES = `
{is: SE, of: default/reviews, hosts: [reviews.default.${FQDN}], ${endpoint}, ports: [{number: 9080, name: http, protocol: HTTP}]}
---
{is: SE, of: default/ratings, hosts: [ratings.default.${FQDN}], ${endpoint},
 ports: [{number: 80, name: http, protocol: HTTP}, {number: 8080, name: alt, protocol: HTTP}]}
`
const REVIEWS = `1*outbound|9080||reviews.default.${FQDN}`
const RATINGS = `1*outbound|80||ratings.default.${FQDN}`
const RATINGS_8080 = `1*outbound|8080||ratings.default.${FQDN}`
const to = (host: string, more = ''): string => `route: [{destination: {host: ${host}${more}}}]`

simulation('services without VirtualServices', { yaml: SERVICES }, [
  ['the full name', `GET http://reviews.default.${FQDN}:9080/`, `reviews.default.${FQDN}:9080 default ${REVIEWS}`],
  [
    'the short name in the own namespace',
    'GET http://reviews:9080/',
    `reviews.default.${FQDN}:9080 default ${REVIEWS}`,
  ],
  ['name.namespace', 'GET http://reviews.default:9080/', `reviews.default.${FQDN}:9080 default ${REVIEWS}`],
  ['name.namespace.svc', 'GET http://reviews.default.svc:9080/', `reviews.default.${FQDN}:9080 default ${REVIEWS}`],
  ['another port of a service', 'GET http://ratings:8080/x', `ratings.default.${FQDN}:8080 default ${RATINGS_8080}`],
  ['a service that is not on the port', 'GET http://ratings:9080/', 'black-hole'],
  ['an unknown host (S13)', 'GET http://unknown/', 'black-hole'],
  ['a port that nobody serves', 'GET http://reviews:1234/', 'no-listener'],
])

simulation('a client of another namespace', { yaml: SERVICES, scope: { namespace: 'prod' } }, [
  ['has no short name', 'GET http://reviews:9080/', 'black-hole'],
  ['has name.namespace', 'GET http://reviews.default:9080/', `reviews.default.${FQDN}:9080 default ${REVIEWS}`],
])

simulation(
  'exportTo of services (S64)',
  {
    yaml: `
{is: SE, of: default/own, hosts: [own.com], exportTo: ['.'], ${endpoint}, ports: [{number: 80, name: http}]}
---
{is: SE, of: prod/own, hosts: [private.com], exportTo: ['.'], ${endpoint}, ports: [{number: 80, name: http}]}
---
{is: SE, of: prod/named, hosts: [named.com], exportTo: [default], ${endpoint}, ports: [{number: 80, name: http}]}
---
{is: SE, of: default/none, hosts: [none.com], exportTo: ['~'], ${endpoint}, ports: [{number: 80, name: http}]}
---
{is: SE, of: default/tcp, hosts: [tcp.com], ${endpoint}, ports: [{number: 80, name: tcp, protocol: TCP}]}
---
{is: SE, of: prod/same, hosts: [same.com], ${endpoint}, age: old, ports: [{number: 80, name: a}, {number: 81, name: b}]}
---
{is: SE, of: default/same, hosts: [same.com], ${endpoint}, age: new, ports: [{number: 80, name: http}]}`,
  },
  [
    ['its own', 'GET http://own.com/', 'own.com:80 default 1*outbound|80||own.com'],
    ['private to another namespace', 'GET http://private.com/', 'black-hole'],
    ['named', 'GET http://named.com/', 'named.com:80 default 1*outbound|80||named.com'],
    ['nobody', 'GET http://none.com/', 'black-hole'],
    ['a TCP port is no HTTP host', 'GET http://tcp.com/', 'black-hole'],
    ['of equal hosts the own namespace counts', 'GET http://same.com:81/', 'no-listener'],
  ],
)

simulation(
  'matches of a VirtualService (S1-S8)',
  {
    yaml: `${SERVICES}
---
is: VS
of: default/reviews
hosts: [reviews]
http:
- {name: two, match: [{uri: {exact: /a}}, {name: b, uri: {prefix: /b}, method: {exact: POST}}], ${to('ratings')}}
- {name: regex, match: [{uri: {regex: '/v[0-9]+/.*'}}], ${to('ratings')}}
- {name: fold, match: [{uri: {prefix: /Fold}, ignoreUriCase: true}], ${to('ratings')}}
- {name: header, match: [{headers: {X-User: {exact: jason}}}], ${to('ratings')}}
- {name: present, match: [{headers: {x-any: {}}}], ${to('ratings')}}
- {name: query, match: [{queryParams: {q: {exact: ''}}}], ${to('ratings')}}
- {name: authority, match: [{authority: {exact: 'reviews.default:9080'}}], ${to('ratings')}}
- {name: without, match: [{uri: {prefix: /w}, withoutHeaders: {x-no: {}, x-end: {prefix: z}}}], ${to('ratings')}}
- {name: 80, match: [{uri: {prefix: /port}, port: 80}], ${to('ratings')}}
- {name: labels, match: [{uri: {prefix: /l}, sourceLabels: {app: client}, sourceNamespace: default}], ${to('ratings')}}
- {name: others, match: [{uri: {prefix: /o}, sourceLabels: {app: other}}], ${to('ratings')}}
- {name: elsewhere, match: [{uri: {prefix: /n}, sourceNamespace: prod}], ${to('ratings')}}
- {name: elseif, match: [{uri: {prefix: /e}, gateways: [mesh], sourceLabels: {app: other}, sourceNamespace: prod}], ${to('ratings')}}
- {name: gateway, match: [{uri: {prefix: /g}, gateways: [edge]}], ${to('ratings')}}`,
  },
  [
    [
      'the first entry',
      'GET http://reviews:9080/a',
      `reviews.default.${FQDN}:9080 two 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    [
      'the second entry has a name of its own',
      'POST http://reviews:9080/bcd',
      `reviews.default.${FQDN}:9080 two-b 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    ['conditions of one entry are AND-ed', 'GET http://reviews:9080/bcd', `reviews.default.${FQDN}:9080 no-route`],
    ['regex is full-string', 'GET http://reviews:9080/x/v1/', `reviews.default.${FQDN}:9080 no-route`],
    [
      'the query is no part of the path',
      'GET http://reviews:9080/a?x',
      `reviews.default.${FQDN}:9080 two 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    ['config-time port', 'GET http://reviews:9080/port', `reviews.default.${FQDN}:9080 no-route`],
    ['no implicit default (S4)', 'GET http://reviews:9080/zzz', `reviews.default.${FQDN}:9080 no-route`],
    [
      'config-time labels and namespace',
      'GET http://reviews:9080/l',
      `reviews.default.${FQDN}:9080 labels 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    ['labels of others', 'GET http://reviews:9080/o', `reviews.default.${FQDN}:9080 no-route`],
    ['another namespace', 'GET http://reviews:9080/n', `reviews.default.${FQDN}:9080 no-route`],
    [
      'gateways hide labels and namespace (S3)',
      'GET http://reviews:9080/e',
      `reviews.default.${FQDN}:9080 elseif 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    ['a match for a gateway only', 'GET http://reviews:9080/g', `reviews.default.${FQDN}:9080 no-route`],
    [
      'ignoreUriCase',
      'GET http://reviews:9080/fOLD',
      `reviews.default.${FQDN}:9080 fold 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    [
      'header',
      'GET http://reviews:9080/',
      `reviews.default.${FQDN}:9080 header 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
      { 'x-user': 'jason' },
    ],
    [
      'presence (S7)',
      'GET http://reviews:9080/',
      `reviews.default.${FQDN}:9080 present 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
      { 'X-Any': '' },
    ],
    [
      '?key is the empty value',
      'GET http://reviews:9080/?q',
      `reviews.default.${FQDN}:9080 query 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    [
      'authority is case-sensitive, the host is not (S8)',
      'GET http://REVIEWS.default:9080/',
      `reviews.default.${FQDN}:9080 no-route`,
    ],
    [
      'authority',
      'GET http://reviews.default:9080/',
      `reviews.default.${FQDN}:9080 authority 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    [
      'withoutHeaders',
      'GET http://reviews:9080/w',
      `reviews.default.${FQDN}:9080 without 1*outbound|9080||ratings.default.${FQDN} no-cluster`,
    ],
    ['withoutHeaders, present', 'GET http://reviews:9080/w', `reviews.default.${FQDN}:9080 no-route`, { 'x-no': '' }],
    ['withoutHeaders, value', 'GET http://reviews:9080/w', `reviews.default.${FQDN}:9080 no-route`, { 'x-end': 'zz' }],
  ],
)

simulation(
  'catch-alls stop translation (S2)',
  {
    yaml: `${SERVICES}
---
is: VS
of: default/reviews
hosts: [reviews]
http:
- {name: method, match: [{uri: {prefix: /}, method: {exact: PUT}}], ${to('reviews')}}
- {name: all, match: [{uri: {prefix: /}}, {name: never, uri: {prefix: /never}}], ${to('reviews')}}
- {name: late, match: [{uri: {exact: /late}}], ${to('ratings')}}
---
{is: VS, of: default/ratings, hosts: [ratings], http: [{name: regex, match: [{uri: {regex: '.*'}}], ${to('reviews')}}, {name: late, ${to('ratings')}}]}`,
  },
  [
    [
      'a condition on the method is no catch-all',
      'PUT http://reviews:9080/late',
      `reviews.default.${FQDN}:9080 method ${REVIEWS}`,
    ],
    ['what follows is never reached', 'GET http://reviews:9080/late', `reviews.default.${FQDN}:9080 all ${REVIEWS}`],
    ['regex .* is one too', 'GET http://ratings/', `ratings.default.${FQDN}:80 regex ${REVIEWS}`],
  ],
)

simulation(
  'a VirtualService with nothing for this client',
  {
    yaml: `${SERVICES}
---
{is: VS, of: default/reviews, hosts: [reviews], http: [{match: [{sourceLabels: {app: other}}], ${to('ratings')}}]}`,
  },
  [['is as if it were not there', 'GET http://reviews:9080/', `reviews.default.${FQDN}:9080 default ${REVIEWS}`]],
)

simulation(
  'which VirtualService a host is bound to (S9, S10, S12, S20)',
  {
    yaml: `
{is: SE, of: default/a, hosts: [a.foo.com, foo.com], ${endpoint}, ports: [{number: 80, name: http}, {number: 81, name: alt}]}
---
{is: SE, of: default/b, hosts: [b.foo.com, x.b.foo.com], ${endpoint}, ports: [{number: 80, name: http}]}
---
{is: VS, of: default/wide, hosts: ['*.foo.com'], http: [{name: wide, ${to('a.foo.com', ', port: {number: 80}')}}]}
---
{is: VS, of: default/narrow, hosts: ['*.b.foo.com'], http: [{name: narrow, match: [{uri: {exact: /}}], ${to('b.foo.com')}}]}
---
{is: VS, of: default/z-old, age: old, hosts: [b.foo.com], http: [{name: old, ${to('b.foo.com')}}]}
---
{is: VS, of: default/a-new, age: new, hosts: [b.foo.com, only.new.com], http: [{name: new, ${to('b.foo.com')}}]}
---
{is: VS, of: default/b-new, age: new, hosts: [only.new.com], http: [{name: newer, ${to('b.foo.com')}}]}
---
{is: VS, of: default/private, hosts: [short, '*.wild.com'], http: [{name: short, ${to('b.foo.com')}}]}
---
{is: VS, of: prod/hidden, hosts: [hidden.com], exportTo: ['.'], http: [{${to('b.foo.com')}}]}
---
{is: VS, of: default/edge, hosts: [edge.com], gateways: [gw], http: [{${to('b.foo.com')}}]}`,
  },
  [
    ['the wildcard', 'GET http://a.foo.com/', 'a.foo.com:80 wide 1*outbound|80||a.foo.com'],
    [
      'the wildcard on every port of the service',
      'GET http://a.foo.com:81/',
      'a.foo.com:81 wide 1*outbound|80||a.foo.com',
    ],
    ['a wildcard does not cover the bare domain', 'GET http://foo.com/', 'foo.com:80 default 1*outbound|80||foo.com'],
    ['the longer wildcard', 'GET http://x.b.foo.com/', 'x.b.foo.com:80 narrow 1*outbound|80||b.foo.com'],
    ['no fall-through to the wider one', 'GET http://x.b.foo.com/y', 'x.b.foo.com:80 no-route'],
    [
      'a name before a wildcard, the oldest wins whole',
      'GET http://b.foo.com/',
      'b.foo.com:80 old 1*outbound|80||b.foo.com',
    ],
    ['of one age by name', 'GET http://only.new.com/', 'only.new.com:80 new 1*outbound|80||b.foo.com'],
    ['a wildcard that covers a service is no host of its own', 'GET http://other.foo.com/', 'black-hole'],
    [
      'a host of no service, on port 80',
      'GET http://short/',
      `short.default.${FQDN}:80 short 1*outbound|80||b.foo.com`,
    ],
    ['a wildcard of no service', 'GET http://x.wild.com/', '*.wild.com:80 short 1*outbound|80||b.foo.com'],
    ['not on another port (S12)', 'GET http://short:81/', 'black-hole'],
    ['not exported', 'GET http://hidden.com/', 'black-hole'],
    ['bound to a gateway only', 'GET http://edge.com/', 'black-hole'],
  ],
)

simulation(
  'destinations (S14-S16)',
  {
    yaml: `${SERVICES}
---
{is: SE, of: default/empty, hosts: [empty.com], resolution: STATIC, workloadSelector: {labels: {app: none}}, ports: [{number: 80, name: http}]}
---
{is: DR, of: default/reviews, host: reviews, subsets: [{name: v1}, {name: v2, labels: {version: v2}}]}
---
is: VS
of: default/ratings
hosts: [ratings]
http:
- {match: [{uri: {exact: /one}}], ${to('reviews')}}
- {match: [{uri: {exact: /listener}}], ${to('ratings')}}
- {match: [{uri: {exact: /given}}], ${to('ratings', ', port: {number: 8080}')}}
- {match: [{uri: {exact: /port}}], ${to('ratings', ', port: {number: 99}')}}
- {match: [{uri: {exact: /unknown}}], ${to('nobody')}}
- {match: [{uri: {exact: /subset}}], ${to('reviews', ', subset: v9')}}
- {match: [{uri: {exact: /empty}}], ${to('empty.com')}}
- {match: [{uri: {exact: /emptysubset}}], ${to('reviews', ', subset: v2')}}
- match: [{uri: {exact: /split}}]
  route: [{destination: {host: reviews, subset: v1}, weight: 95}, {destination: {host: reviews}, weight: 5}, {destination: {host: ratings}}]
- match: [{uri: {exact: /zero}}]
  route: [{destination: {host: reviews}, weight: 0}]`,
  },
  [
    ["the service's only port", 'GET http://ratings/one', `ratings.default.${FQDN}:80 - ${REVIEWS}`],
    [
      'the only port, whatever the listener',
      'GET http://ratings:8080/one',
      `ratings.default.${FQDN}:8080 - ${REVIEWS}`,
    ],
    ['else the listener port', 'GET http://ratings:8080/listener', `ratings.default.${FQDN}:8080 - ${RATINGS_8080}`],
    ['the given port', 'GET http://ratings/given', `ratings.default.${FQDN}:80 - ${RATINGS_8080}`],
    [
      'a port that is not there',
      'GET http://ratings/port',
      `ratings.default.${FQDN}:80 - 1*outbound|99||ratings.default.${FQDN} no-cluster`,
    ],
    [
      'an unknown host (S15)',
      'GET http://ratings/unknown',
      `ratings.default.${FQDN}:80 - 1*outbound|80||nobody.default.${FQDN} no-cluster`,
    ],
    [
      'an unknown subset',
      'GET http://ratings/subset',
      `ratings.default.${FQDN}:80 - 1*outbound|9080|v9|reviews.default.${FQDN} no-cluster`,
    ],
    ['no endpoints', 'GET http://ratings/empty', `ratings.default.${FQDN}:80 - 1*outbound|80||empty.com no-endpoints`],
    [
      'a subset without endpoints',
      'GET http://ratings/emptysubset',
      `ratings.default.${FQDN}:80 - 1*outbound|9080|v2|reviews.default.${FQDN} no-endpoints`,
    ],
    [
      'weights; zero is dropped',
      'GET http://ratings/split',
      `ratings.default.${FQDN}:80 - 95*outbound|9080|v1|reviews.default.${FQDN}, 5*outbound|9080||reviews.default.${FQDN}`,
    ],
    ['the weight of a single one is ignored', 'GET http://ratings/zero', `ratings.default.${FQDN}:80 - ${REVIEWS}`],
  ],
)

const SUBSET_ROUTE = `{is: VS, of: default/reviews, hosts: [reviews], http: [{${to('reviews', ', subset: v1')}}]}`
const V1 = `reviews.default.${FQDN}:9080 - 1*outbound|9080|v1|reviews.default.${FQDN}`

describe('which DestinationRule holds (S40-S42)', () => {
  const rule = (of: string, more = '', host = `reviews.default.${FQDN}`): string =>
    `{is: DR, of: ${of}, host: ${host.startsWith('*') ? `'${host}'` : host}, subsets: [{name: v1}]${more}}`
  const none = (of: string, more = '', host = `reviews.default.${FQDN}`): string =>
    rule(of, more, host).replace('subsets: [{name: v1}]', 'subsets: []')
  it.each<[string, boolean, string, readonly string[]]>([
    ["the service's namespace", true, 'prod', [rule('default/a')]],
    ["the service's namespace, not exported", false, 'prod', [rule('default/a', ', exportTo: [.]')]],
    ['the root namespace', true, 'prod', [rule('istio-system/a')]],
    ['a third namespace', false, 'prod', [rule('other/a')]],
    ["the client's before the service's", false, 'prod', [none('prod/a'), rule('default/a')]],
    ["the service's before the root's", false, 'prod', [none('default/a'), rule('istio-system/a')]],
    [
      'the most specific host, nothing inherited',
      false,
      'default',
      [none('default/a'), rule('default/b', '', `*.${FQDN}`)],
    ],
    ['a wildcard', true, 'default', [rule('default/b', '', `*.${FQDN}`)]],
    ['a short host', true, 'default', [rule('default/b', '', 'reviews')]],
    ['rules of one host merge', true, 'default', [none('default/a'), rule('default/b')]],
    [
      'not one that fewer see',
      false,
      'prod',
      [none('default/a', ', age: old'), rule('default/b', ', age: new, exportTo: [prod]')],
    ],
    [
      'a selector that matches',
      true,
      'default',
      [rule('default/a', ', workloadSelector: {matchLabels: {app: client}}'), none('default/b')],
    ],
    [
      'a selector that does not match',
      false,
      'default',
      [rule('default/a', ', workloadSelector: {matchLabels: {app: other}}'), none('default/b')],
    ],
    [
      'a selector is private to its namespace',
      false,
      'prod',
      [rule('default/a', ', workloadSelector: {matchLabels: {app: client}}')],
    ],
  ])('%s: %p', (_, found, namespace, rules) => {
    const yaml = [SERVICES, SUBSET_ROUTE, ...rules].join('\n---\n')
    const host = `GET http://reviews.default:9080/`
    expect(verdict({ yaml, scope: { namespace } }, host)).toBe(found ? V1 : `${V1} no-cluster`)
  })
})

const GATEWAY: Partial<AgentScope> = { role: 'gateway', namespace: 'edge', labels: { istio: 'gateway' } }
const http80 = (hosts: string, more = ''): string =>
  `{port: {number: 80, name: http, protocol: HTTP}, hosts: [${hosts}]${more}}`

simulation(
  'gateways (S9, S55-S58)',
  {
    scope: GATEWAY,
    yaml: `${SERVICES}
---
is: GW
of: edge/gw
selector: {istio: gateway}
servers:
- ${http80("'*.foo.com', 'default/only.com', './own.com', 'bare.com'")}
- ${http80("'secure.foo.com', 'nobody.com'", ', tls: {httpsRedirect: true}')}
- {port: {number: 8080, name: alt, protocol: HTTP}, hosts: ['*'], bind: 127.0.0.2}
---
{is: GW, of: other/all, servers: [${http80("'all.com'")}]}
---
{is: GW, of: edge/not, selector: {istio: other}, servers: [{port: {number: 81, name: http, protocol: HTTP}, hosts: ['*']}]}
---
is: VS
of: default/foo
age: new
hosts: ['a.foo.com', 'only.com', own.com, bare.com, secure.foo.com, '*.com']
gateways: [edge/gw]
http:
- {name: catch, match: [{uri: {prefix: /}}], ${to('ratings')}}
---
is: VS
of: default/foo-more
age: old
hosts: ['a.foo.com']
gateways: [edge/gw, mesh]
http:
- {name: more, match: [{uri: {prefix: /more}}], ${to('reviews')}}
- {name: gw, match: [{uri: {prefix: /gw}, gateways: [edge/gw]}], ${to('reviews')}}
- {name: mesh, match: [{uri: {prefix: /mesh}, gateways: [mesh]}], ${to('reviews')}}
---
{is: VS, of: edge/private, age: new, exportTo: ['.'], hosts: ['a.foo.com'], gateways: [gw], http: [{name: private, match: [{uri: {prefix: /}, method: {exact: PUT}}], ${to(`reviews.default.${FQDN}`)}}]}
---
{is: VS, of: default/hidden, exportTo: ['.'], hosts: ['hidden.foo.com'], gateways: [edge/gw], http: [{name: hidden, ${to('reviews')}}]}
---
{is: VS, of: default/all, hosts: ['*'], gateways: [other/all], http: [{name: all, ${to('reviews')}}]}`,
  },
  [
    ['the VirtualService host is narrower', 'GET http://a.foo.com/', `a.foo.com:80 catch ${RATINGS}`],
    ["the server's host is narrower", 'GET http://x.foo.com/', `*.foo.com:80 catch ${RATINGS}`],
    ['a server host of one namespace', 'GET http://only.com/', `only.com:80 catch ${RATINGS}`],
    ['. is the namespace of the Gateway', 'GET http://own.com/', 'no-virtual-host'],
    ['no common host', 'GET http://else.org/', 'no-virtual-host'],
    [
      'catch-alls go last, behind older and younger ones (S9)',
      'GET http://a.foo.com/more',
      `a.foo.com:80 more ${REVIEWS}`,
    ],
    ['private ones first', 'PUT http://a.foo.com/more', `a.foo.com:80 private ${REVIEWS}`],
    ['a match for this gateway', 'GET http://a.foo.com/gw', `a.foo.com:80 gw ${REVIEWS}`],
    ['a match for the mesh only', 'GET http://a.foo.com/mesh', `a.foo.com:80 catch ${RATINGS}`],
    [
      "a VirtualService that is not exported to the agent's namespace",
      'GET http://hidden.foo.com/',
      `*.foo.com:80 catch ${RATINGS}`,
    ],
    ['httpsRedirect (S57)', 'GET http://secure.foo.com/', 'secure.foo.com:80 - redirect 301'],
    ['httpsRedirect without a VirtualService', 'GET http://nobody.com/', 'nobody.com:80 - redirect 301'],
    [
      'another Gateway, without selector, on the same port (S56, S58)',
      'GET http://all.com/',
      `all.com:80 all ${REVIEWS}`,
    ],
    ['a selector that does not match', 'GET http://all.com:81/', 'no-listener'],
    ['another bind', 'GET http://a.foo.com:8080/', `a.foo.com:8080 catch 1*outbound|8080||ratings.default.${FQDN}`],
  ],
)

simulation(
  'a Gateway without VirtualServices (S57)',
  { scope: GATEWAY, yaml: `{is: GW, of: edge/gw, selector: {}, servers: [${http80("'*'")}]}` },
  [['answers 404 NR', 'GET http://a.com/', 'no-virtual-host']],
)

describe('endpoints of workloads', () => {
  const workload = (name: string, labels: Workload['labels'], ports: readonly [number, number][]): Workload => ({
    namespace: 'default',
    name,
    labels,
    address: '127.0.0.1',
    locality: 'eu/a',
    ports: new Map(ports),
  })
  const yaml = `
{is: SE, of: default/web, hosts: [web.com], resolution: STATIC, workloadSelector: {labels: {app: web}}, ports: [{number: 80, name: http, targetPort: 8080}]}
---
{is: DR, of: default/web, host: web.com, subsets: [{name: v1, labels: {version: v1}}]}
---
{is: VS, of: default/web, hosts: [web.com], http: [{match: [{uri: {exact: /v1}}], ${to('web.com', ', subset: v1')}}, {${to('web.com')}}]}`
  it.each<[string, readonly Workload[], string, string]>([
    ['a workload that matches', [workload('a', { app: 'web' }, [[8080, 15006]])], '/', '1*outbound|80||web.com'],
    ['no workload', [], '/', '1*outbound|80||web.com no-endpoints'],
    ['other labels', [workload('a', { app: 'x' }, [[8080, 15006]])], '/', '1*outbound|80||web.com no-endpoints'],
    [
      'another application port',
      [workload('a', { app: 'web' }, [[80, 15006]])],
      '/',
      '1*outbound|80||web.com no-endpoints',
    ],
    [
      'another namespace',
      [{ ...workload('a', { app: 'web' }, [[8080, 1]]), namespace: 'prod' }],
      '/',
      '1*outbound|80||web.com no-endpoints',
    ],
    ['a subset', [workload('a', { app: 'web', version: 'v1' }, [[8080, 15006]])], '/v1', '1*outbound|80|v1|web.com'],
    [
      'not of the subset',
      [workload('a', { app: 'web', version: 'v2' }, [[8080, 15006]])],
      '/v1',
      '1*outbound|80|v1|web.com no-endpoints',
    ],
  ])('%s', (_, workloads, path, expected) => {
    expect(verdict({ yaml, workloads }, `GET http://web.com${path}`)).toBe(`web.com:80 - ${expected}`)
  })
})

describe('inbound', () => {
  const scope = { inbound: [{ address: '0.0.0.0', port: 15006, applicationPort: 8080 }] }
  const call: Call = { direction: 'inbound', port: 15006, method: 'GET', path: '/' }
  it.each<[string, Call, string]>([
    [
      'any authority goes to the application',
      { ...call, authority: 'x' },
      'inbound|http|8080 default 1*inbound|8080||',
    ],
    ['also none', call, 'inbound|http|8080 default 1*inbound|8080||'],
    ['another port', { ...call, port: 15007 }, 'no-listener'],
  ])('%s', (_, inbound, expected) => {
    expect(verdict({ yaml: '', scope }, inbound)).toBe(expected)
  })
})

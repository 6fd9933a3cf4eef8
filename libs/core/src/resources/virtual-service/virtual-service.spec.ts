import { describe, expect, it } from '@jest/globals'
import { findingsOf } from '../common/testdata/findings-of.js'

const valid: readonly (readonly [name: string, spec: string])[] = [
  ['one destination', 'hosts: [reviews]\nhttp: [{route: [{destination: {host: reviews}}]}]'],
  [
    'a weighted split with subsets',
    `hosts: [reviews.prod.svc.cluster.local]
http:
- route:
  - {destination: {host: reviews, subset: v1, port: {number: 80}}, weight: 95}
  - {destination: {host: reviews, subset: v2}, weight: 5}`,
  ],
  [
    'every kind of match',
    `hosts: ["*.example.com", 10.0.0.1]
gateways: [mesh, edge, infra/edge]
http:
- name: a
  match:
  - {name: m, uri: {prefix: ""}, scheme: {exact: http}, method: {regex: GET|POST}, authority: {prefix: a}}
  - {headers: {x-a: {}, x-b: , x-c: {exact: ""}}, withoutHeaders: {x-d: {regex: "*."}}}
  - {queryParams: {q: {exact: ""}, r: {}}, port: 80, sourceLabels: {app: a}, sourceNamespace: b, gateways: [mesh]}
  - {uri: {exact: /A}, ignoreUriCase: true}
  route: [{destination: {host: a.b}}]`.replace('"*."', '".*"'),
  ],
  [
    'timeout, retries, rewrite and headers',
    `hosts: [a]
http:
- timeout: 1h1m1.5s
  retries: {attempts: 3, perTryTimeout: 100ms, retryOn: "5xx, 503,connect-failure", backoff: 10ms, retryIgnorePreviousHosts: false}
  rewrite: {uri: /b, authority: b.c}
  headers: {request: {set: {x: "100%%"}, add: {x: z}, remove: [z]}, response: {add: {x: z}}}
  route: [{destination: {host: b}, headers: {request: {set: {host: b}}}}]`,
  ],
  [
    'a regex rewrite',
    'hosts: [a]\nhttp: [{rewrite: {uriRegexRewrite: {match: "/(a|b)", rewrite: "/\\\\1\\\\0"}}, route: [{destination: {host: a}}]}]',
  ],
  [
    'a redirect',
    'hosts: [a]\nhttp: [{redirect: {uri: /b, authority: c, scheme: https, redirectCode: 308, derivePort: FROM_REQUEST_PORT}}]',
  ],
  ['a redirect of a prefix', 'hosts: [a]\nhttp: [{match: [{uri: {prefix: /a}}], redirect: {prefixRewrite: /b}}]'],
  ['a direct response in text', 'hosts: [a]\nhttp: [{directResponse: {status: 503, body: {string: "hi"}}}]'],
  ['a direct response in base64', 'hosts: [a]\nhttp: [{directResponse: {status: 200, body: {bytes: aGk=}}}]'],
  ['retries switched off', 'hosts: [a]\nhttp: [{retries: {}, route: [{destination: {host: a}}]}]'],
  ['"*" at a gateway', 'hosts: ["*"]\ngateways: [edge]\nhttp: [{route: [{destination: {host: a}}]}]'],
  ['exportTo the own namespace', 'hosts: [a]\nexportTo: [".", other]\nhttp: [{route: [{destination: {host: a}}]}]'],
  [
    'snake_case, numbers in strings, enum by number',
    'hosts: [a]\nexport_to: ["*"]\nhttp: [{redirect: {redirect_code: "302", derive_port: 1}}]',
  ],
  [
    'values of pending fields that say what absence says',
    `hosts: [a]
tls: []
tcp: null
http: [{match: [{statPrefix: ""}], retries: {attempts: 1, retryRemoteLocalities: false}, mirrors: [], route: [{destination: {host: a}}]}]`,
  ],
]

const invalid: readonly (readonly [name: string, spec: string, ...findings: string[]])[] = [
  ['no routes', 'hosts: [a]', 'spec required'],
  [
    'an unknown field',
    'hosts: [a]\nhtpp: []\nhttp: [{redirect: {uri: /}, foo: 1}]',
    'spec.http[0].foo unknown-field',
    'spec.htpp unknown-field',
  ],
  ['wrong types', 'hosts: a\nhttp: {}', 'spec.hosts type', 'spec.http type'],
  ['an unquoted number as host', 'hosts: [1.10]\nhttp: [{redirect: {uri: /}}]', 'spec.hosts[0] type'],
  ['null in a list', 'hosts: [a, ]\nhttp: [{redirect: {uri: /}}, null]', 'spec.http[1] type'],
  [
    'a field in both spellings',
    'hosts: [a]\nexportTo: [.]\nexport_to: [.]\nhttp: [{redirect: {uri: /}}]',
    'spec.exportTo duplicate',
  ],
  ['"*" for the mesh', 'hosts: ["*"]\nhttp: [{redirect: {uri: /}}]', 'spec.hosts[0] host'],
  [
    'hosts with port, scheme, space',
    'hosts: ["a:80", "http://a", "a b", "", "*a.com", a..b]\nhttp: [{redirect: {uri: /}}]',
    ...[0, 1, 2, 3, 4, 5].map((i) => `spec.hosts[${i}] host`),
  ],
  [
    'overlapping hosts',
    'hosts: [a.foo.com, "*.foo.com", "*.com", b.org, B.org]\nhttp: [{redirect: {uri: /}}]',
    'spec.hosts[0] duplicate',
    'spec.hosts[1] duplicate',
    'spec.hosts[4] duplicate',
  ],
  [
    'gateway names',
    'hosts: [a]\ngateways: [a/b/c, A, /x, "a/"]\nhttp: [{redirect: {uri: /}}]',
    ...[0, 1, 2, 3].map((i) => `spec.gateways[${i}] gateway`),
  ],
  [
    'no action',
    'hosts: [a]\nhttp: [{name: x}, {route: []}]',
    'spec.http[0] required',
    'warning spec.http[1] unreachable',
    'spec.http[1] required',
  ],
  ['two actions', 'hosts: [a]\nhttp: [{redirect: {uri: /}, directResponse: {status: 200}}]', 'spec.http[0] oneof'],
  [
    'redirect with rewrite',
    'hosts: [a]\nhttp: [{redirect: {uri: /}, rewrite: {uri: /}}]',
    'spec.http[0].rewrite oneof',
  ],
  [
    'a destination without a host',
    'hosts: [a]\nhttp: [{route: [{destination: {subset: v1}}]}]',
    'spec.http[0].route[0].destination.host required',
  ],
  [
    'a destination with an empty host',
    'hosts: [a]\nhttp: [{route: [{destination: {host: ""}}]}]',
    'spec.http[0].route[0].destination.host required',
  ],
  [
    'a route without destination',
    'hosts: [a]\nhttp: [{route: [{weight: 1}]}]',
    'spec.http[0].route[0].destination required',
  ],
  [
    'a destination for all hosts',
    'hosts: [a]\nhttp: [{route: [{destination: {host: "*"}}]}]',
    'spec.http[0].route[0].destination.host host',
  ],
  [
    'a bad subset and port',
    'hosts: [a]\nhttp: [{route: [{destination: {host: a, subset: V_1, port: {number: 0}}}]}]',
    'spec.http[0].route[0].destination.port.number range',
    'spec.http[0].route[0].destination.subset name',
  ],
  [
    'all weights 0',
    'hosts: [a]\nhttp: [{route: [{destination: {host: a}}, {destination: {host: b}, weight: 0}]}]',
    'spec.http[0].route weight',
  ],
  [
    'a negative weight',
    'hosts: [a]\nhttp: [{route: [{destination: {host: a}, weight: -1}, {destination: {host: b}, weight: 2}]}]',
    'spec.http[0].route[0].weight weight',
  ],
  [
    'a weight that is no integer',
    'hosts: [a]\nhttp: [{route: [{destination: {host: a}, weight: 0.5}]}]',
    'spec.http[0].route[0].weight type',
  ],
  [
    'a bad regex',
    'hosts: [a]\nhttp: [{match: [{uri: {regex: "a(?=b)"}}, {method: {regex: "["}}], redirect: {uri: /}}]',
    'spec.http[0].match[0].uri.regex invalid',
    'spec.http[0].match[1].method.regex invalid',
  ],
  [
    'a long regex',
    `hosts: [a]\nhttp: [{match: [{uri: {regex: ${'a'.repeat(1025)}}}], redirect: {uri: /}}]`,
    'spec.http[0].match[0].uri.regex invalid',
  ],
  [
    'two kinds of match at once',
    'hosts: [a]\nhttp: [{match: [{uri: {exact: a, prefix: b}}], redirect: {uri: /}}]',
    'spec.http[0].match[0].uri oneof',
  ],
  [
    'empty conditions',
    'hosts: [a]\nhttp: [{match: [{uri: {}, method: {prefix: ""}, headers: {x: {regex: ""}}}], redirect: {uri: /}}]',
    'spec.http[0].match[0].uri required',
    'spec.http[0].match[0].method.prefix required',
    'spec.http[0].match[0].headers.x.regex required',
  ],
  [
    'header names in a match',
    'hosts: [a]\nhttp: [{match: [{headers: {":path": {exact: a}, X-A: {}, "a b": {}, method: {exact: GET}}}], redirect: {uri: /}}]',
    'spec.http[0].match[0].headers[":path"] header',
    'spec.http[0].match[0].headers["a b"] header',
    'warning spec.http[0].match[0].headers.method no-effect',
  ],
  ['a timeout of 0s', 'hosts: [a]\nhttp: [{timeout: 0s, redirect: {uri: /}}]', 'spec.http[0].timeout invalid'],
  [
    'durations that are none',
    'hosts: [a]\nhttp: [{timeout: 5, redirect: {uri: /}}, {timeout: 5 s, redirect: {uri: /}}, {timeout: -1s, redirect: {uri: /}}]',
    'spec.http[0].timeout type',
    'spec.http[1].timeout invalid',
    'spec.http[2].timeout invalid',
  ],
  [
    'retry fields with retries off',
    'hosts: [a]\nhttp: [{retries: {perTryTimeout: 1s, retryOn: 5xx}, redirect: {uri: /}}]',
    'spec.http[0].retries.perTryTimeout retries',
    'spec.http[0].retries.retryOn retries',
  ],
  [
    'unknown retry conditions',
    'hosts: [a]\nhttp: [{retries: {attempts: 1, retryOn: "5xx,sometimes,999"}, redirect: {uri: /}}]',
    'spec.http[0].retries.retryOn enum',
    'spec.http[0].retries.retryOn enum',
  ],
  [
    'negative attempts',
    'hosts: [a]\nhttp: [{retries: {attempts: -1}, redirect: {uri: /}}]',
    'spec.http[0].retries.attempts range',
  ],
  [
    'an empty redirect and rewrite',
    'hosts: [a]\nhttp: [{match: [{uri: {exact: /}}], redirect: {}}, {rewrite: {}, route: [{destination: {host: a}}]}]',
    'spec.http[0].redirect required',
    'spec.http[1].rewrite required',
  ],
  [
    'a redirect with a bad code, scheme and port',
    'hosts: [a]\nhttp: [{redirect: {redirectCode: 304, scheme: ftp, port: 1, derivePort: FROM_REQUEST_PORT}}]',
    'spec.http[0].redirect oneof',
    'spec.http[0].redirect.scheme enum',
    'spec.http[0].redirect.redirectCode range',
  ],
  [
    'a wrong enum',
    'hosts: [a]\nhttp: [{redirect: {derivePort: FROM_REQUEST}}]',
    'spec.http[0].redirect.derivePort enum',
  ],
  [
    'prefixRewrite without prefix',
    'hosts: [a]\nhttp: [{match: [{uri: {exact: /a}}], redirect: {prefixRewrite: /b}}]',
    'spec.http[0].redirect.prefixRewrite match',
  ],
  [
    'a line break in a redirect',
    'hosts: [a]\nhttp: [{redirect: {uri: "/a\\r\\nx: y"}}]',
    'spec.http[0].redirect.uri header',
  ],
  [
    'a regex rewrite with a group that is not there',
    'hosts: [a]\nhttp: [{rewrite: {uriRegexRewrite: {match: a, rewrite: "\\\\1"}}, route: [{destination: {host: a}}]}]',
    'spec.http[0].rewrite.uriRegexRewrite.rewrite invalid',
  ],
  [
    'two rewrites',
    'hosts: [a]\nhttp: [{rewrite: {uri: /, uriRegexRewrite: {match: a, rewrite: b}}, route: [{destination: {host: a}}]}]',
    'spec.http[0].rewrite oneof',
  ],
  [
    'a direct response out of range',
    'hosts: [a]\nhttp: [{directResponse: {status: 600}}]',
    'spec.http[0].directResponse.status range',
  ],
  [
    'two bodies',
    'hosts: [a]\nhttp: [{directResponse: {status: 200, body: {string: a, bytes: aGk=}}}]',
    'spec.http[0].directResponse.body oneof',
  ],
  [
    'a body that is not base64',
    'hosts: [a]\nhttp: [{directResponse: {status: 200, body: {bytes: "a*b"}}}]',
    'spec.http[0].directResponse.body.bytes invalid',
  ],
  [
    'header operations',
    'hosts: [a]\nhttp: [{headers: {request: {set: {":path": a, "a b": b, c: "d\\n"}, remove: [host]}, response: {set: {host: a}}}, redirect: {uri: /}}]',
    'spec.http[0].headers.request.set[":path"] header',
    'spec.http[0].headers.request.set["a b"] header',
    'spec.http[0].headers.request.set.c header',
    'spec.http[0].headers.request.remove[0] header',
    'spec.http[0].headers.response.set.host header',
  ],
  [
    'the authority set twice',
    'hosts: [a]\nhttp: [{rewrite: {authority: b}, headers: {request: {set: {Host: c}}}, route: [{destination: {host: a}}]}]',
    'spec.http[0] authority',
  ],
  [
    'exportTo',
    'hosts: [a]\nexportTo: ["~", ".", prod, A]\nhttp: [{redirect: {uri: /}}]',
    'spec.exportTo[0] export-to',
    'spec.exportTo[2] duplicate',
    'spec.exportTo[3] export-to',
  ],
  [
    'exportTo all and some',
    'hosts: [a]\nexportTo: ["*", b]\nhttp: [{redirect: {uri: /}}]',
    'spec.exportTo[0] export-to',
  ],
  [
    'a selector with a wildcard',
    'hosts: [a]\nhttp: [{match: [{sourceLabels: {app: "a*", "b c": d}}], redirect: {uri: /}}]',
    'spec.http[0].match[0].sourceLabels.app selector',
    'spec.http[0].match[0].sourceLabels["b c"] label',
  ],
  [
    'faults',
    'hosts: [a]\nhttp: [{fault: {delay: {exponentialDelay: 1s}, abort: {http2Error: x, percentage: {value: 101}}}, route: [{destination: {host: a}}]}]',
    'warning spec.http[0].fault pending',
    'spec.http[0].fault.delay.exponentialDelay refused',
    'spec.http[0].fault.abort.http2Error refused',

    'spec.http[0].fault.abort.percentage.value range',
  ],
  [
    'tls and tcp routes',
    'hosts: [a.b]\ntls: [{match: [{sniHosts: [c.d]}]}]\ntcp: [{match: [{destinationSubnets: [x]}], route: [{destination: {host: a}}]}]',
    'warning spec.tls pending',
    'warning spec.tcp pending',
    'spec.tls[0].match[0].sniHosts[0] host',
    'spec.tls[0].route required',
    'spec.tcp[0].match[0].destinationSubnets[0] address',
  ],
  [
    'a delegate with gateways that delegates',
    'gateways: [a]\nhttp: [{delegate: {name: b}}]',
    'warning spec.http[0].delegate pending',
    'warning spec.hosts pending',
    'spec.gateways delegate',
    'spec.http[0].delegate delegate',
  ],
  [
    'several findings around a misfit',
    'hosts: ["*"]\nhttp: [5, {timeout: x, route: [{destination: {}}, {destination: {host: "*"}}], redirect: {uri: /}}]',
    'spec.http[0] type',
    'spec.http[1].route[0].destination.host required',
    'spec.http[1].timeout invalid',
    'spec.hosts[0] host',
    'spec.http[1].route[1].destination.host host',
  ],
]

const warned: readonly (readonly [name: string, spec: string, ...findings: string[]])[] = [
  [
    'mirror, cors, statPrefix',
    'hosts: [a]\nhttp: [{match: [{uri: {exact: /}, statPrefix: x}], mirror: {host: b}, mirrorPercentage: {value: 5}, corsPolicy: {}, route: [{destination: {host: a}}]}]',
    'warning spec.http[0].match[0].statPrefix pending',
    'warning spec.http[0].mirror pending',
    'warning spec.http[0].mirrorPercentage pending',
    'warning spec.http[0].corsPolicy pending',
  ],
  [
    'retryRemoteLocalities',
    'hosts: [a]\nhttp: [{retries: {attempts: 1, retryRemoteLocalities: true}, route: [{destination: {host: a}}]}]',
    'warning spec.http[0].retries.retryRemoteLocalities pending',
  ],
  [
    'a deprecated field',
    'hosts: [a]\nhttp: [{mirror: {host: b}, mirrorPercent: 5, route: [{destination: {host: a}}]}]',
    'warning spec.http[0].mirror pending',
    'warning spec.http[0].mirrorPercent deprecated',
    'warning spec.http[0].mirrorPercent pending',
  ],
  [
    'an operator in a header value',
    'hosts: [a]\nhttp: [{headers: {request: {set: {x: "%DOWNSTREAM_REMOTE_ADDRESS%"}}}, route: [{destination: {host: a}}]}]',
    'warning spec.http[0].headers.request.set.x pending',
  ],
  [
    'a JWT claim',
    'hosts: [a]\nhttp: [{match: [{headers: {"@request.auth.claims.sub": {exact: a}}}], route: [{destination: {host: a}}]}]',
    'warning spec.http[0].match[0].headers["@request.auth.claims.sub"] pending',
  ],
  [
    'routes after a catch-all',
    'hosts: [a]\nhttp: [{match: [{uri: {prefix: /}}], route: [{destination: {host: a}}]}, {route: [{destination: {host: b}}]}]',
    'warning spec.http[1] unreachable',
  ],
  ['a delegate', 'http: [{route: [{destination: {host: a}}]}]', 'warning spec.hosts pending'],
  [
    'a large body',
    `hosts: [a]\nhttp: [{directResponse: {status: 200, body: {string: ${'a'.repeat(110_000)}}}}]`,
    'warning spec.http[0].directResponse.body large',
  ],
]

describe('VirtualService', () => {
  it.each(valid)('accepts %s', (_, spec) => {
    expect(findingsOf('VirtualService', spec)).toEqual([])
  })

  it.each(invalid)('refuses %s', (_, spec, ...findings) => {
    expect(findingsOf('VirtualService', spec)).toEqual(findings)
  })

  it.each(warned)('warns of %s', (_, spec, ...findings) => {
    expect(findingsOf('VirtualService', spec)).toEqual(findings)
  })
})

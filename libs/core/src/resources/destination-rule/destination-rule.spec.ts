import { describe, expect, it } from '@jest/globals'
import { findingsOf } from '../common/testdata/findings-of.js'

const valid: readonly (readonly [name: string, spec: string])[] = [
  ['a host alone', 'host: reviews'],
  ['a wildcard host', 'host: "*.example.com"'],
  [
    'subsets',
    'host: reviews\nsubsets: [{name: v1, labels: {version: v1}}, {name: v2, labels: {version: "1.10"}}, {name: all}]',
  ],
  ...['ROUND_ROBIN', 'RANDOM', 'LEAST_REQUEST', 'LEAST_CONN', 'UNSPECIFIED'].map(
    (simple) => [`the balancer ${simple}`, `host: a\ntrafficPolicy: {loadBalancer: {simple: ${simple}}}`] as const,
  ),
  ['a balancer by number', 'host: a\ntraffic_policy: {load_balancer: {simple: 4}}'],
  ['the balancer of a subset', 'host: a\nsubsets: [{name: v1, trafficPolicy: {loadBalancer: {simple: RANDOM}}}]'],
  [
    'settings by port',
    'host: a\ntrafficPolicy: {portLevelSettings: [{port: {number: 80}, loadBalancer: {simple: RANDOM}}, {port: {number: 81}}]}',
  ],
  ['a connect timeout', 'host: a\ntrafficPolicy: {connectionPool: {tcp: {connectTimeout: 250ms}}}'],
  [
    'tls DISABLE, written or not',
    'host: a\ntrafficPolicy: {tls: {mode: DISABLE}}\nsubsets: [{name: a, trafficPolicy: {tls: {}}}]',
  ],
  ['a workload selector', 'host: a\nexportTo: ["."]\nworkloadSelector: {matchLabels: {app: a}}'],
  [
    'limits of 0, which are no limits',
    'host: a\ntrafficPolicy: {connectionPool: {tcp: {maxConnections: 0, connectTimeout: 1s}}}',
  ],
]

const invalid: readonly (readonly [name: string, spec: string, ...findings: string[]])[] = [
  ['no host', 'subsets: [{name: v1}, {name: v1}]', 'spec.host required', 'spec.subsets[1].name duplicate'],
  ['an empty host', 'host: ""', 'spec.host host'],
  ['a host with a port', 'host: "a:80"', 'spec.host host'],
  ['an unknown field with a near miss', 'host: a\nsubset: []', 'spec.subset unknown-field'],
  [
    'an unquoted number as a label',
    'host: a\nsubsets: [{name: v1, labels: {version: 1.10}}]',
    'spec.subsets[0].labels.version type',
  ],
  [
    'an unquoted boolean as a label',
    'host: a\nsubsets: [{name: v1, labels: {canary: yes}}]',
    'spec.subsets[0].labels.canary type',
  ],
  [
    'a label without a value',
    'host: a\nsubsets: [{name: v1, labels: {canary: }}]',
    'spec.subsets[0].labels.canary type',
  ],
  [
    'subset names',
    'host: a\nsubsets: [{name: V1}, {name: ""}, {labels: {}}]',
    'spec.subsets[2].name required',
    'spec.subsets[0].name name',
    'spec.subsets[1].name name',
  ],
  [
    'labels',
    'host: a\nsubsets: [{name: v1, labels: {"a b": c, d: "e f", "x/y/z": a}}]',
    'spec.subsets[0].labels["a b"] label',
    'spec.subsets[0].labels.d label',
    'spec.subsets[0].labels["x/y/z"] label',
  ],
  [
    'an unknown balancer',
    'host: a\ntrafficPolicy: {loadBalancer: {simple: ROUND_ROBBIN}}',
    'spec.trafficPolicy.loadBalancer.simple enum',
  ],
  [
    'an empty policy',
    'host: a\ntrafficPolicy: {}\nsubsets: [{name: v1, trafficPolicy: {}}]',
    'spec.trafficPolicy required',
    'spec.subsets[0].trafficPolicy required',
  ],
  [
    'a port setting without port',
    'host: a\ntrafficPolicy: {portLevelSettings: [{loadBalancer: {simple: RANDOM}}]}',
    'spec.trafficPolicy.portLevelSettings[0].port required',
  ],
  [
    'a connect timeout of nothing',
    'host: a\ntrafficPolicy: {connectionPool: {tcp: {connectTimeout: 0s}}}',
    'spec.trafficPolicy.connectionPool.tcp.connectTimeout invalid',
  ],
  [
    'two balancers',
    'host: a\ntrafficPolicy: {loadBalancer: {simple: RANDOM, consistentHash: {useSourceIp: true}}}',
    'spec.trafficPolicy.loadBalancer oneof',
    'warning spec.trafficPolicy.loadBalancer.consistentHash pending',
  ],
  [
    'an empty connection pool',
    'host: a\ntrafficPolicy: {connectionPool: {}}',
    'spec.trafficPolicy.connectionPool required',
  ],
  [
    'a selector with exportTo',
    'host: a\nexportTo: ["*"]\nworkloadSelector: {matchLabels: {app: "*"}}',
    'spec.workloadSelector.matchLabels.app selector',
    'spec.exportTo export-to',
  ],
  [
    'a selector of the other form',
    'host: a\nworkloadSelector: {labels: {app: a}}',
    'spec.workloadSelector.labels unknown-field',
  ],
  ['exportTo nobody', 'host: a\nexportTo: ["~"]', 'spec.exportTo[0] export-to'],
  [
    'outlier detection',
    'host: a\ntrafficPolicy: {outlierDetection: {maxEjectionPercent: 101, consecutiveLocalOriginFailures: 1, outlierDetectionHttpErrorCodes: [99]}}',
    'warning spec.trafficPolicy.outlierDetection pending',
    'spec.trafficPolicy.outlierDetection.consecutiveLocalOriginFailures reference',
    'spec.trafficPolicy.outlierDetection.maxEjectionPercent range',
    'spec.trafficPolicy.outlierDetection.outlierDetectionHttpErrorCodes[0] range',
  ],
  [
    'mutual TLS without certificates',
    'host: a\ntrafficPolicy: {tls: {mode: MUTUAL}}',
    'warning spec.trafficPolicy.tls.mode pending',
    'spec.trafficPolicy.tls.clientCertificate required',
    'spec.trafficPolicy.tls.privateKey required',
  ],
  [
    'ISTIO_MUTUAL with certificates',
    'host: a\ntrafficPolicy: {tls: {mode: ISTIO_MUTUAL, sni: x}}',
    'warning spec.trafficPolicy.tls.mode pending',
    'warning spec.trafficPolicy.tls.sni pending',
    'spec.trafficPolicy.tls.sni tls',
  ],
  [
    'a hash without a key',
    'host: a\ntrafficPolicy: {loadBalancer: {consistentHash: {maglev: {tableSize: 10}}}}',
    'warning spec.trafficPolicy.loadBalancer.consistentHash pending',
    'spec.trafficPolicy.loadBalancer.consistentHash required',
    'spec.trafficPolicy.loadBalancer.consistentHash.maglev.tableSize range',
  ],
  [
    'locality weights',
    'host: a\ntrafficPolicy: {loadBalancer: {localityLbSetting: {distribute: [{from: a, to: {b: 50}}], failover: [{from: a, to: a}]}}}',
    'warning spec.trafficPolicy.loadBalancer.localityLbSetting pending',
    'spec.trafficPolicy.loadBalancer.localityLbSetting oneof',
    'spec.trafficPolicy.loadBalancer.localityLbSetting.distribute[0].to weight',
    'spec.trafficPolicy.loadBalancer.localityLbSetting.failover[0] invalid',
  ],
]

const warned: readonly (readonly [name: string, spec: string, ...findings: string[]])[] = [
  [
    'PASSTHROUGH',
    'host: a\ntrafficPolicy: {loadBalancer: {simple: PASSTHROUGH}}',
    'warning spec.trafficPolicy.loadBalancer.simple pending',
  ],
  [
    'limits',
    'host: a\ntrafficPolicy: {connectionPool: {tcp: {maxConnections: 5}, http: {maxRetries: 1}}}',
    'warning spec.trafficPolicy.connectionPool.tcp.maxConnections pending',
    'warning spec.trafficPolicy.connectionPool.http pending',
  ],
  [
    'a connection pool of a subset or a port',
    'host: a\ntrafficPolicy: {portLevelSettings: [{port: {number: 1}, connectionPool: {tcp: {connectTimeout: 1s}}}]}\nsubsets: [{name: v1, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 1s}}}}]',
    'warning spec.trafficPolicy.portLevelSettings[0].connectionPool pending',
    'warning spec.subsets[0].trafficPolicy.connectionPool pending',
  ],
  [
    'tls SIMPLE',
    'host: a\ntrafficPolicy: {tls: {mode: SIMPLE, sni: a}}',
    'warning spec.trafficPolicy.tls.mode pending',
    'warning spec.trafficPolicy.tls.sni pending',
  ],
  [
    'ports listed twice',
    'host: a\ntrafficPolicy: {portLevelSettings: [{port: {number: 1}}, {port: {number: 1}}]}',
    'warning spec.trafficPolicy.portLevelSettings[1].port duplicate',
  ],
  [
    'deprecated fields',
    'host: a\ntrafficPolicy: {loadBalancer: {warmupDurationSecs: 1s}}',
    'warning spec.trafficPolicy.loadBalancer.warmupDurationSecs deprecated',
    'warning spec.trafficPolicy.loadBalancer.warmupDurationSecs pending',
  ],
]

describe('DestinationRule', () => {
  it.each(valid)('accepts %s', (_, spec) => {
    expect(findingsOf('DestinationRule', spec)).toEqual([])
  })

  it.each(invalid)('refuses %s', (_, spec, ...findings) => {
    expect(findingsOf('DestinationRule', spec)).toEqual(findings)
  })

  it.each(warned)('warns of %s', (_, spec, ...findings) => {
    expect(findingsOf('DestinationRule', spec)).toEqual(findings)
  })
})

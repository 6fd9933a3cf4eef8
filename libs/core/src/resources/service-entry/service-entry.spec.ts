import { describe, expect, it } from '@jest/globals'
import { findingsOf } from '../common/testdata/findings-of.js'

const PORTS = 'ports: [{number: 80, name: http, protocol: HTTP}]'

const valid: readonly (readonly [name: string, spec: string])[] = [
  [
    'endpoints by address',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nendpoints: [{address: 10.0.0.1}, {address: "fd00::1"}, {address: "unix:///run/a"}]`,
  ],
  ['a workload selector', `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nworkloadSelector: {labels: {app: a}}`],
  ['names by DNS', `hosts: [a.b]\n${PORTS}\nresolution: DNS`],
  ['endpoints by DNS', `hosts: ["*.b"]\n${PORTS}\nresolution: DNS\nendpoints: [{address: c.d}]`],
  [
    'all of an endpoint',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nendpoints: [{address: 10.0.0.1, ports: {http: 8080}, labels: {v: "1"}, locality: eu/a/b, weight: 5}]`,
  ],
  [
    'a protocol in lower case',
    'hosts: [a.b]\nports: [{number: 80, name: http, protocol: http, targetPort: 8080}]\nresolution: STATIC',
  ],
  ['MESH_EXTERNAL', `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nlocation: MESH_EXTERNAL`],
  ['exportTo nobody', `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nexportTo: ["~"]`],
]

const invalid: readonly (readonly [name: string, spec: string, ...findings: string[]])[] = [
  ['no hosts', `${PORTS}\nresolution: STATIC`, 'spec.hosts required'],
  ['an empty list of hosts', `hosts: []\n${PORTS}\nresolution: STATIC`, 'spec.hosts required'],
  [
    'bad hosts',
    `hosts: ["*", "a:1", a.b, a.b]\n${PORTS}\nresolution: STATIC`,
    'spec.hosts[0] host',
    'spec.hosts[1] host',
    'spec.hosts[3] duplicate',
  ],
  [
    'ports listed twice',
    'hosts: [a.b]\nresolution: STATIC\nports: [{number: 80, name: http, protocol: HTTP}, {number: 80, name: http, protocol: HTTP}]',
    'spec.ports[1].number duplicate',
    'spec.ports[1].name duplicate',
  ],
  [
    'ports that do not fit',
    'hosts: [a.b]\nresolution: STATIC\nports: [{number: 0, name: a, protocol: HTTP}, {name: b, protocol: HTTP}, {number: 1, protocol: HTTP}, {number: 2, name: C, protocol: HTTPX}]',
    'spec.ports[0].number range',
    'spec.ports[1].number required',
    'spec.ports[2].name required',
    'spec.ports[3].protocol enum',
    'spec.ports[3].name name',
  ],
  ['an unknown resolution', `hosts: [a.b]\n${PORTS}\nresolution: STATC`, 'spec.resolution enum'],
  [
    'endpoints and selector',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nendpoints: [{address: 10.0.0.1}]\nworkloadSelector: {labels: {a: b}}`,
    'spec oneof',
  ],
  [
    'a name where resolution is STATIC',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nendpoints: [{address: c.d}, {address: 256.0.0.1}, {}]`,
    'spec.endpoints[0].address address',
    'spec.endpoints[1].address address',
    'spec.endpoints[2].address required',
  ],
  [
    'no name where resolution is DNS',
    `hosts: [a.b]\n${PORTS}\nresolution: DNS\nendpoints: [{address: "c d"}, {address: "unix:///a"}]`,
    'spec.endpoints[0].address address',
    'spec.endpoints[1].address resolution',
  ],
  ['a wildcard that DNS cannot resolve', `hosts: ["*.b"]\n${PORTS}\nresolution: DNS`, 'spec.hosts[0] resolution'],
  [
    'endpoints with NONE',
    `hosts: [a.b]\n${PORTS}\nresolution: NONE\nendpoints: [{address: 10.0.0.1}]`,
    'warning spec.resolution pending',
    'spec.endpoints resolution',
  ],
  [
    'many endpoints with DNS_ROUND_ROBIN',
    `hosts: [a.b]\n${PORTS}\nresolution: DNS_ROUND_ROBIN\nendpoints: [{address: a.b}, {address: c.d}]`,
    'warning spec.resolution pending',
    'spec.endpoints resolution',
  ],
  [
    'DYNAMIC_DNS without wildcard',
    `hosts: [a.b]\n${PORTS}\nresolution: DYNAMIC_DNS`,
    'warning spec.resolution pending',
    'spec.hosts[0] resolution',
  ],
  [
    'a port that the service does not have',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nendpoints: [{address: 10.0.0.1, ports: {grpc: 1}}]`,
    'spec.endpoints[0].ports.grpc reference',
  ],
  [
    'addresses',
    `hosts: [a.b]\n${PORTS}\nresolution: DNS\naddresses: [x, 10.0.0.0/8]`,
    'warning spec.addresses pending',
    'spec.addresses[0] address',
    'spec.addresses[1] resolution',
  ],
  [
    'locality and labels',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nendpoints: [{address: 10.0.0.1, locality: "a//b", labels: {"a b": c}}]`,
    'spec.endpoints[0].labels["a b"] label',
    'spec.endpoints[0].locality invalid',
  ],
  [
    'a selector with a wildcard',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nworkloadSelector: {labels: {app: "*"}}`,
    'spec.workloadSelector.labels.app selector',
  ],
  [
    'exportTo nobody and somebody',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nexportTo: ["~", a]`,
    'spec.exportTo[0] export-to',
  ],
]

const warned: readonly (readonly [name: string, spec: string, ...findings: string[]])[] = [
  [
    'no resolution and no protocol',
    'hosts: [a.b]\nports: [{number: 80, name: http}]',
    'warning spec.ports[0].protocol pending',
    'warning spec.resolution pending',
  ],
  [
    'a protocol that is not proxied yet',
    'hosts: [a.b]\nresolution: STATIC\nports: [{number: 80, name: a, protocol: GRPC}, {number: 81, name: b, protocol: tcp}]',
    'warning spec.ports[0].protocol pending',
    'warning spec.ports[1].protocol pending',
  ],
  [
    'MESH_INTERNAL',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nlocation: MESH_INTERNAL`,
    'warning spec.location no-effect',
  ],
  [
    'identity and networks',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nsubjectAltNames: [x]\nendpoints: [{address: 10.0.0.1, network: net, serviceAccount: s}]`,
    'warning spec.endpoints[0].network pending',
    'warning spec.endpoints[0].serviceAccount pending',
    'warning spec.subjectAltNames pending',
  ],
  [
    'a selector that selects all',
    `hosts: [a.b]\n${PORTS}\nresolution: STATIC\nworkloadSelector: {}`,
    'warning spec.workloadSelector selector',
  ],
]

describe('ServiceEntry', () => {
  it.each(valid)('accepts %s', (_, spec) => {
    expect(findingsOf('ServiceEntry', spec)).toEqual([])
  })

  it.each(invalid)('refuses %s', (_, spec, ...findings) => {
    expect(findingsOf('ServiceEntry', spec)).toEqual(findings)
  })

  it.each(warned)('warns of %s', (_, spec, ...findings) => {
    expect(findingsOf('ServiceEntry', spec)).toEqual(findings)
  })
})

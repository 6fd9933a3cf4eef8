import { describe, expect, it } from '@jest/globals'
import { findingsOf } from '../common/testdata/findings-of.js'

const HTTP = 'port: {number: 80, name: http, protocol: HTTP}'

const valid: readonly (readonly [name: string, spec: string])[] = [
  ['an HTTP server', `selector: {app: edge}\nservers: [{${HTTP}, hosts: ["*"]}]`],
  [
    'hosts with namespaces',
    `servers: [{${HTTP}, hosts: ["./a.b", "*/*.c", "prod/d.e", "*.f", 10.0.0.1], bind: 127.0.0.1, name: main}]`,
  ],
  ['a redirect to https', `servers: [{${HTTP}, hosts: ["*"], tls: {httpsRedirect: true}}]`],
  ['tls that says nothing', `servers: [{${HTTP}, hosts: ["*"], tls: {mode: PASSTHROUGH, httpsRedirect: false}}]`],
  ['a port number in a string', 'servers: [{port: {number: "80", name: http, protocol: http}, hosts: ["*"]}]'],
]

const invalid: readonly (readonly [name: string, spec: string, ...findings: string[]])[] = [
  ['no servers', 'selector: {app: edge}', 'spec.servers required'],
  ['an empty spec', '{}', 'spec.servers required'],
  [
    'a server without port and hosts',
    'servers: [{}]',
    'spec.servers[0].port required',
    'spec.servers[0].hosts required',
  ],
  ['no hosts', `servers: [{${HTTP}, hosts: []}]`, 'spec.servers[0].hosts required'],
  [
    'host forms',
    `servers: [{${HTTP}, hosts: [short, "a/b/c", "A_/b.c", "a.b:80", "/a.b"]}]`,
    ...[0, 1, 2, 3, 4].map((i) => `spec.servers[0].hosts[${i}] host`),
  ],
  [
    'ports',
    'servers: [{port: {number: 0, name: a, protocol: HTTP}, hosts: ["*"]}, {port: {number: 70000, name: "", protocol: HTTPZ}, hosts: ["*"]}]',
    'spec.servers[1].port.protocol enum',
    'spec.servers[0].port.number range',
  ],
  [
    'names that are there already',
    `servers: [{${HTTP}, hosts: ["*"], name: a}, {${HTTP}, hosts: [a.b], name: a}]`,
    'spec.servers[1].port.name duplicate',
    'spec.servers[1].name duplicate',
  ],
  ['a bind that is no address', `servers: [{${HTTP}, hosts: ["*"], bind: localhost}]`, 'spec.servers[0].bind address'],
  [
    'a Unix socket with a port',
    `servers: [{${HTTP}, hosts: ["*"], bind: "unix:///a"}]`,
    'warning spec.servers[0].bind pending',
    'spec.servers[0].port.number range',
  ],
  [
    'HTTPS without tls',
    'servers: [{port: {number: 443, name: s, protocol: HTTPS}, hosts: ["*"]}]',
    'warning spec.servers[0].port.protocol pending',
    'spec.servers[0].tls required',
  ],
  [
    'tls on plain HTTP',
    `servers: [{${HTTP}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: x}}]`,
    'warning spec.servers[0].tls.mode pending',
    'warning spec.servers[0].tls.credentialName pending',
    'spec.servers[0].tls.mode tls',
    'spec.servers[0].tls.credentialName tls',
  ],
  [
    'SIMPLE without a certificate',
    'servers: [{port: {number: 443, name: s, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE}}]',
    'warning spec.servers[0].port.protocol pending',
    'warning spec.servers[0].tls.mode pending',
    'spec.servers[0].tls.serverCertificate required',
  ],
  [
    'MUTUAL without a CA',
    'servers: [{port: {number: 443, name: s, protocol: HTTPS}, hosts: ["*"], tls: {mode: MUTUAL, serverCertificate: a}}]',
    'warning spec.servers[0].port.protocol pending',
    'warning spec.servers[0].tls.mode pending',
    'warning spec.servers[0].tls.serverCertificate pending',
    'spec.servers[0].tls.privateKey required',
    'spec.servers[0].tls.caCertificates required',
  ],
  [
    'fields that Istio refuses',
    'servers: [{port: {number: 80, name: a, protocol: HTTP, targetPort: 1}, hosts: ["*"], defaultEndpoint: x}]',
    'spec.servers[0].port.targetPort refused',
    'spec.servers[0].defaultEndpoint refused',
  ],
  [
    'selector labels',
    `selector: {"a b": c, d: 1}\nservers: [{${HTTP}, hosts: ["*"]}]`,
    'spec.selector.d type',
    'spec.selector["a b"] label',
  ],
]

describe('Gateway', () => {
  it.each(valid)('accepts %s', (_, spec) => {
    expect(findingsOf('Gateway', spec)).toEqual([])
  })

  it.each(invalid)('refuses %s', (_, spec, ...findings) => {
    expect(findingsOf('Gateway', spec)).toEqual(findings)
  })

  it('refuses a name with dots', () => {
    expect(findingsOf('Gateway', `servers: [{${HTTP}, hosts: ["*"]}]`, 'a.b')).toEqual(['metadata.name name'])
  })

  it('warns of protocols that are not served yet', () => {
    const spec =
      'servers: [{port: {number: 443, name: s, protocol: HTTPS}, hosts: ["*"], tls: {mode: SIMPLE, credentialName: x}}]'
    expect(findingsOf('Gateway', spec)).toEqual([
      'warning spec.servers[0].port.protocol pending',
      'warning spec.servers[0].tls.mode pending',
      'warning spec.servers[0].tls.credentialName pending',
    ])
  })
})

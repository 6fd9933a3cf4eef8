import { describe, it, expect } from '@jest/globals'
import fc from 'fast-check'
import { buildMesh, DEFAULT_MESH_SETTINGS } from '../mesh/index.js'
import type { Resource } from '../resources/index.js'
import { decodePart, type EndpointsPart, type PartKey, type Snapshot } from '../snapshot/index.js'
import { Compiler } from './compile.js'
import type { AgentScope, CompileInput, Workload } from './compile-input.js'

const VERSION = { revision: 1, overlay: 0, endpoints: 0 }

function resource(kind: string, name: string, spec: unknown, namespace = 'default'): Resource {
  return { apiVersion: 'networking.istio.io/v1', kind, metadata: { name, namespace }, spec }
}

function service(name: string, spec: object): Resource {
  const ports = [{ number: 80, name: 'http', protocol: 'HTTP', targetPort: 8080 }]
  return resource('ServiceEntry', name, { hosts: [`${name}.com`], ports, resolution: 'STATIC', ...spec })
}

const RESOURCES: readonly Resource[] = [
  service('web', { workloadSelector: { labels: { app: 'web' } } }),
  service('api', { workloadSelector: { labels: { app: 'api' } } }),
  service('api', { ports: [{ number: 81, name: 'alt' }], endpoints: [{ address: '10.0.0.1' }] }),
  service('dns', { resolution: 'DNS' }),
  resource('DestinationRule', 'web', {
    host: 'web.com',
    trafficPolicy: { loadBalancer: { simple: 'RANDOM' }, connectionPool: { tcp: { connectTimeout: '1.5s' } } },
    subsets: [
      { name: 'v1', labels: { version: 'v1' } },
      { name: 'v2', labels: { version: 'v2' }, trafficPolicy: { loadBalancer: { simple: 'ROUND_ROBIN' } } },
    ],
  }),
  resource('DestinationRule', 'web-more', { host: 'web.com', subsets: [{ name: 'v3' }] }),
  resource('VirtualService', 'web', {
    hosts: ['web.com', 'other.com'],
    http: [
      { match: [{ sourceLabels: { canary: 'yes' } }], route: [{ destination: { host: 'web.com', subset: 'v2' } }] },
      { route: [{ destination: { host: 'web.com', subset: 'v1' } }] },
    ],
  }),
  resource('VirtualService', 'web-late', { hosts: ['other.com'], http: [{ directResponse: { status: 200 } }] }),
  resource('Gateway', 'gw', { servers: [{ port: { number: 8080, name: 'http', protocol: 'HTTP' }, hosts: ['*'] }] }),
  resource('Gateway', 'gw2', {
    servers: [{ port: { number: 8080, name: 'http', protocol: 'HTTP' }, hosts: ['a.com'] }],
  }),
]

function workload(name: string, labels: Workload['labels'], boundPort = 15006): Workload {
  return { namespace: 'default', name, labels, address: '127.0.0.1', locality: '', ports: new Map([[8080, boundPort]]) }
}

const WORKLOADS: readonly Workload[] = [
  workload('web-1', { app: 'web', version: 'v1' }, 1),
  workload('web-2', { app: 'web', version: 'v2' }, 2),
  workload('api-1', { app: 'api' }, 3),
]

const SCOPE: AgentScope = {
  namespace: 'default',
  name: 'client',
  labels: { app: 'client' },
  role: 'sidecar',
  locality: '',
  inbound: [{ address: '0.0.0.0', port: 15006, applicationPort: 8080 }],
}

function input(change: Partial<CompileInput> & { readonly resources?: readonly Resource[] } = {}): CompileInput {
  const mesh = buildMesh({ resources: change.resources ?? RESOURCES, settings: DEFAULT_MESH_SETTINGS })
  return { mesh, workloads: WORKLOADS, scope: SCOPE, version: VERSION, ...change }
}

function keysThatDiffer(a: Snapshot, b: Snapshot): readonly PartKey[] {
  const keys = new Set([...a.parts.keys(), ...b.parts.keys()])
  return [...keys].filter((key) => a.parts.get(key) !== b.parts.get(key)).sort()
}

describe('Compiler', () => {
  it('gives the same bytes for the same inputs in any order', () => {
    const shuffled = <T>(items: readonly T[]): fc.Arbitrary<T[]> =>
      fc.shuffledSubarray([...items], { minLength: items.length })
    for (const role of ['sidecar', 'gateway'] as const) {
      const scope = { ...SCOPE, role }
      const expected = new Compiler().compile(input({ scope })).hash
      fc.assert(
        fc.property(shuffled(RESOURCES), shuffled(WORKLOADS), (resources, workloads) => {
          expect(new Compiler().compile(input({ resources, workloads, scope })).hash).toBe(expected)
        }),
        { numRuns: 50 },
      )
    }
  })

  it('encodes only the endpoints that changed when an endpoint comes', () => {
    const compiler = new Compiler()
    const before = input()
    const first = compiler.compile(before)
    const workloads = [...WORKLOADS, workload('web-3', { app: 'web', version: 'v1' }, 4)]
    const second = compiler.compile({ ...before, workloads })
    expect(keysThatDiffer(first, second)).toEqual([
      'endpoints/outbound|80|v1|web.com',
      'endpoints/outbound|80|v3|web.com',
      'endpoints/outbound|80||web.com',
    ])
  })

  it('shares parts between agents, also where the agents differ in what no part depends on', () => {
    const compiler = new Compiler()
    const one = input()
    const labels = { app: 'other', version: 'v9' }
    const other = { ...one, scope: { ...SCOPE, name: 'other', labels, inbound: [] } }
    expect(keysThatDiffer(compiler.compile(one), compiler.compile(other))).toEqual([
      'cluster/inbound|8080||',
      'endpoints/inbound|8080||',
      'listener/inbound|0.0.0.0|15006',
      'routes/inbound|8080||',
    ])
  })

  it('does not share what does depend on the agent', () => {
    const compiler = new Compiler()
    const one = input()
    const canary = { ...one, scope: { ...SCOPE, labels: { canary: 'yes' } } }
    expect(keysThatDiffer(compiler.compile(one), compiler.compile(canary))).toEqual(['routes/80'])
  })

  it('keeps the parts that a new revision does not change', () => {
    const compiler = new Compiler()
    const first = compiler.compile(input())
    const resources = [...RESOURCES, service('new', { ports: [{ number: 99, name: 'http' }] })]
    expect(keysThatDiffer(first, compiler.compile(input({ resources })))).toEqual([
      'cluster/outbound|99||new.com',
      'endpoints/outbound|99||new.com',
      'listener/outbound|99',
      'routes/99',
    ])
  })

  it('merges the policies of rule, subset and port', () => {
    const ports = [
      { number: 80, name: 'http' },
      { number: 81, name: 'alt' },
    ]
    const policy = {
      loadBalancer: { simple: 'RANDOM' },
      connectionPool: { tcp: { connectTimeout: '1.5s' } },
      portLevelSettings: [{ port: { number: 81 }, loadBalancer: { simple: 'ROUND_ROBIN' } }],
    }
    const subsets = [
      { name: 'same' },
      { name: 'own', trafficPolicy: { connectionPool: { tcp: { connectTimeout: '2s' } } } },
      { name: 'port', trafficPolicy: { portLevelSettings: [{ port: { number: 80 } }] } },
    ]
    const resources = [
      service('web', { ports }),
      resource('DestinationRule', 'web', { host: 'web.com', trafficPolicy: policy, subsets }),
    ]
    const { parts } = new Compiler().compile(input({ resources }))
    const policyOf = (name: string): unknown => {
      const part = decodePart(parts.get(`cluster/${name}`)!)
      return part.type === 'cluster' && [part.loadBalancer, part.connectTimeoutMs]
    }
    expect(policyOf('outbound|80||web.com')).toEqual(['RANDOM', 1500])
    expect(policyOf('outbound|80|same|web.com')).toEqual(['RANDOM', 1500])
    // S43: block by block. S44: a port's settings replace all blocks, what is left out is the default.
    expect(policyOf('outbound|80|own|web.com')).toEqual(['RANDOM', 2000])
    expect(policyOf('outbound|81||web.com')).toEqual(['ROUND_ROBIN', 10_000])
    expect(policyOf('outbound|81|own|web.com')).toEqual(['ROUND_ROBIN', 2000])
    expect(policyOf('outbound|80|port|web.com')).toEqual(['LEAST_REQUEST', 10_000])
  })

  it('translates endpoints: ports by name, target port, number; DNS without endpoints is the host itself', () => {
    const ports = [{ number: 80, name: 'http', targetPort: 8080 }]
    const endpoints = [
      { address: '10.0.0.2', ports: { http: 9090 }, weight: 3, locality: 'eu/a' },
      { address: '10.0.0.1' },
      { address: 'unix:///run/app' },
    ]
    const resources = [service('static', { ports, endpoints }), service('dns', { resolution: 'DNS' })]
    const { parts } = new Compiler().compile(input({ resources }))
    const endpointsOf = (name: string): EndpointsPart['endpoints'] =>
      (decodePart(parts.get(`endpoints/${name}`)!) as EndpointsPart).endpoints
    const plain = { weight: 1, locality: '', workload: '' }
    expect(endpointsOf('outbound|80||static.com')).toEqual([
      { ...plain, address: '10.0.0.1', port: 8080 },
      { address: '10.0.0.2', port: 9090, weight: 3, locality: 'eu/a', workload: '' },
      { ...plain, address: 'unix:///run/app', port: 8080 },
    ])
    expect(endpointsOf('outbound|80||dns.com')).toEqual([{ ...plain, address: 'dns.com', port: 8080 }])
    expect(endpointsOf('inbound|8080||')).toEqual([{ ...plain, address: '127.0.0.1', port: 8080 }])
  })
})

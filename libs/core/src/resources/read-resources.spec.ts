import { readdirSync, readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { readResource, readResources } from './read-resources.js'
import { canonicalJson, sameMeaning, toVersion, toYaml } from './canonical.js'

const read = (text: string, defaultNamespace = 'default') => readResources(text, { defaultNamespace })
const said = (text: string): string[] =>
  read(text).documents.flatMap(({ findings }) => findings.map(({ path, code }) => `${path} ${code}`))
const document = (metadata: string, rest = ''): string =>
  `apiVersion: networking.istio.io/v1\nkind: Gateway\nmetadata: ${metadata}\nspec: {servers: [{port: {number: 80, name: http, protocol: HTTP}, hosts: ["*"]}]}\n${rest}`

describe('readResources', () => {
  const folder = new URL('./testdata/', import.meta.url)
  const files = readdirSync(folder).filter((name) => name.endsWith('.yaml'))

  it.each(files)('reads %s, whose YAML reads back the same, in every version', (file) => {
    const { documents } = read(readFileSync(new URL(file, folder), 'utf8'))
    expect(documents.length).toBeGreaterThan(0)
    for (const { resource, findings } of documents) {
      expect(findings.filter(({ severity }) => severity === 'error')).toEqual([])
      if (resource === null) throw new Error('unreachable')
      for (const version of ['v1', 'v1beta1', 'v1alpha3']) {
        const text = toYaml(toVersion(resource, version))
        const [again] = read(text).documents
        expect(again?.resource).toEqual(resource)
        expect(again?.resource && toYaml(toVersion(again.resource, version))).toBe(text)
      }
    }
  })

  const metadata: readonly (readonly [name: string, metadata: string, ...findings: string[]])[] = [
    ['no metadata', 'null', 'metadata.name required'],
    ['no name', '{labels: {a: b}}', 'metadata.name required'],
    ['a name that is no subdomain', '{name: My_Gateway}', 'metadata.name name'],
    ['a name that is too long', `{name: ${'a'.repeat(254)}}`, 'metadata.name name'],
    ['a number as a name', '{name: 1.10}', 'metadata.name type'],
    ['a namespace that is no label', '{name: a, namespace: a.b}', 'metadata.namespace name'],
    ['a label that is a number', '{name: a, labels: {v: 1.10}}', 'metadata.labels.v type'],
    [
      'labels that do not fit',
      '{name: a, labels: {"-a": b, c: "d e", "A/b": c}}',
      'metadata.labels["-a"] label',
      'metadata.labels["A/b"] label',
      'metadata.labels.c label',
    ],
    [
      'annotations that do not fit',
      '{name: a, annotations: {"a b": c, d: 1}}',
      'metadata.annotations.d type',
      'metadata.annotations["a b"] annotation',
    ],
    ['an unknown field', '{name: a, label: {}}', 'metadata.label unknown-field'],
    [
      '__proto__ and constructor',
      '{name: a, __proto__: {}, constructor: 1}',
      'metadata.__proto__ unknown-field',
      'metadata.constructor unknown-field',
    ],
    ['a time that is none', '{name: a, creationTimestamp: yesterday}', 'metadata.creationTimestamp invalid'],
    [
      'owners and finalizers, with a warning',
      '{name: a, finalizers: [b], ownerReferences: [{uid: a}], generateName: a}',
      'metadata.generateName no-effect',
      'metadata.finalizers no-effect',
      'metadata.ownerReferences no-effect',
    ],
    [
      'what a cluster writes',
      '{name: a, managedFields: [{a: b}], selfLink: x, uid: u, generation: 3, resourceVersion: "5", creationTimestamp: null}',
    ],
  ]
  it.each(metadata)('checks metadata: %s', (_, text, ...findings) => {
    expect(said(document(text))).toEqual(findings)
  })

  it('puts documents without a namespace into the default one', () => {
    expect(read(document('{name: a}'), 'prod').documents[0]).toMatchObject({
      namespace: 'prod',
      resource: { apiVersion: 'networking.istio.io/v1', metadata: { name: 'a', namespace: 'prod' } },
    })
  })

  it('drops status, and refuses other fields beside it', () => {
    expect(said(document('{name: a}', 'status: {a: b}'))).toEqual([])
    expect(said(document('{name: a}', 'sepc: {}'))).toEqual(['sepc unknown-field'])
  })

  const kinds: readonly (readonly [name: string, text: string, finding: string])[] = [
    ['an unknown kind', 'apiVersion: networking.istio.io/v1\nkind: VirtualServices', 'kind unknown-kind'],
    ['a kind of another group', 'apiVersion: gateway.networking.k8s.io/v1\nkind: Gateway', 'apiVersion unknown-kind'],
    ['an unknown version', 'apiVersion: networking.istio.io/v2\nkind: Gateway', 'apiVersion unknown-kind'],
    ['a plural', 'apiVersion: networking.istio.io/v1\nkind: gateways', 'kind unknown-kind'],
    ['no kind', 'apiVersion: networking.istio.io/v1', 'kind required'],
    ['a number as apiVersion', 'apiVersion: 1\nkind: Gateway', 'apiVersion type'],
    ['a list', '- a', ' type'],
    ['a string', 'hello', ' type'],
  ]
  it.each(kinds)('refuses %s', (_, text, finding) => {
    expect(said(text)).toEqual([finding])
  })

  it('finds two documents with one identity, also in two versions', () => {
    const text = `${document('{name: a}')}---\n${document('{name: a, namespace: default}').replace('v1', 'v1beta1')}`
    const { documents } = read(text)
    expect(documents.map(({ resource }) => resource === null)).toEqual([false, true])
    expect(documents[1]?.findings).toMatchObject([{ path: 'metadata.name', code: 'duplicate', line: 8 }])
  })

  it.each(['', '   \n', '# nothing\n', '---\n---\n', 'null'])('says that %j is empty', (text) => {
    expect(read(text)).toMatchObject({ documents: [], findings: [{ code: 'empty' }] })
  })

  it('says what was written, where, and what to write instead', () => {
    const { documents } = read(document('{name: a, labels: {version: 1.10}}'))
    expect(documents[0]?.findings).toEqual([
      {
        severity: 'error',
        path: 'metadata.labels.version',
        code: 'type',
        message: 'found the number 1.1, expected a string: quote it, as in "1.10"',
        line: 3,
        column: 30,
      },
    ])
  })

  it('refuses U+0000 and half a surrogate pair anywhere', () => {
    expect(said(document('{name: a, annotations: {b: "\\0"}}'))).toEqual(['metadata.annotations.b invalid'])
    expect(said(document('{name: a, annotations: {b: "\\ud800"}}'))).toEqual(['metadata.annotations.b invalid'])
    const value = { apiVersion: 'networking.istio.io/v1', kind: 'Gateway', metadata: { 'na\0me': 'a' } }
    expect(readResource(value, { defaultNamespace: 'default' }).findings).toMatchObject([{ code: 'invalid' }])
  })

  it('refuses __proto__ as the key of a map', () => {
    expect(said(document('{name: a, annotations: {__proto__: b}}'))).toEqual([
      'metadata.annotations.__proto__ unknown-field',
    ])
  })

  it('says no more than a hundred things of one document', () => {
    const fields = Array.from({ length: 500 }, (_, index) => `f${index}: 1`).join('\n')
    const { documents } = read(document('{name: a}', fields))
    expect(documents[0]?.findings).toHaveLength(101)
    expect(documents[0]?.findings[100]).toMatchObject({ severity: 'error', code: 'more' })
  })

  it('stays quick on lists as long as a document can hold', () => {
    const hosts = Array.from({ length: 20_000 }, (_, index) => `"*.h${index}.a"`).join(',')
    const text = `apiVersion: networking.istio.io/v1\nkind: VirtualService\nmetadata: {name: a}\nspec: {hosts: [${hosts}], http: [{redirect: {uri: /}}]}`
    expect(said(text)).toEqual([])
  })
})

describe('readResource', () => {
  const options = { defaultNamespace: 'default' }

  it('never throws, whatever the value', () => {
    const word = fc.constantFrom(
      'hosts',
      'http',
      'match',
      'route',
      'destination',
      'host',
      'uri',
      'exact',
      'weight',
      'retries',
      'headers',
      'request',
      'set',
      'servers',
      'port',
      'tls',
      'subsets',
      'trafficPolicy',
      'endpoints',
      'ports',
      '__proto__',
      'constructor',
      'x',
    )
    const { tree } = fc.letrec((tie) => ({
      tree: fc.oneof(
        { maxDepth: 5 },
        fc.oneof(fc.string(), fc.integer(), fc.boolean(), fc.constant(null), fc.double()),
        fc.array(tie('tree'), { maxLength: 3 }),
        fc.dictionary(word, tie('tree'), { maxKeys: 6 }),
      ),
    }))
    const kind = fc.constantFrom('VirtualService', 'DestinationRule', 'ServiceEntry', 'Gateway')
    fc.assert(
      fc.property(kind, tree, tree, (kind, metadata, spec) => {
        readResource({ apiVersion: 'networking.istio.io/v1', kind, metadata, spec }, options)
        readResource(spec, options)
      }),
      { numRuns: 300 },
    )
  })

  it('reads back any string that it writes', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme' }),
        fc.constantFrom('yes', '1.10', '~', '1:30', '010', '', ' '),
        (text, odd) => {
          const annotations = { a: text, b: odd, c: `${text}\n${odd}`, d: `${odd}: ${text} #` }
          const value = JSON.parse(
            JSON.stringify({
              apiVersion: 'networking.istio.io/v1',
              kind: 'DestinationRule',
              metadata: { name: 'a', annotations },
              spec: { host: 'a' },
            }),
          ) as unknown
          const { resource } = readResource(value, options)
          if (resource === null) return
          const { documents } = read(toYaml(resource))
          expect(documents[0]?.resource).toEqual(resource)
        },
      ),
    )
  })
})

describe('sameMeaning', () => {
  const rule = (spec: string, metadata = '{name: a}') => {
    const { resource } =
      read(`apiVersion: networking.istio.io/v1\nkind: DestinationRule\nmetadata: ${metadata}\nspec: ${spec}`)
        .documents[0] ?? {}
    if (!resource) throw new Error(`not valid: ${spec}`)
    return resource
  }

  const same: readonly (readonly [string, string])[] = [
    ['{host: a, subsets: [{name: v, labels: {a: b, c: d}}]}', '{subsets: [{labels: {c: d, a: b}, name: v}], host: a}'],
    ['{host: a, exportTo: ["*"]}', '{host: a, export_to: ["*"]}'],
    [
      '{host: a, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 100ms}}}}',
      '{host: a, trafficPolicy: {connectionPool: {tcp: {connectTimeout: 0.10s}}}}',
    ],
    [
      '{host: a, trafficPolicy: {loadBalancer: {simple: 2}}}',
      '{host: a, trafficPolicy: {loadBalancer: {simple: RANDOM}, tls: null}}',
    ],
  ]
  it.each(same)('holds for %s and %s', (a, b) => {
    expect(sameMeaning(rule(a), rule(b))).toBe(true)
    expect(canonicalJson(rule(a))).toBe(canonicalJson(rule(b)))
  })

  it('does not look at what the server gives, nor at the version', () => {
    const server =
      '{name: a, uid: u, resourceVersion: "5", generation: 2, creationTimestamp: "2024-01-01T00:00:00Z", labels: {}}'
    expect(sameMeaning(rule('{host: a}'), toVersion(rule('{host: a}', server), 'v1beta1'))).toBe(true)
  })

  it('sees labels, annotations and spec', () => {
    expect(sameMeaning(rule('{host: a}'), rule('{host: b}'))).toBe(false)
    expect(sameMeaning(rule('{host: a}'), rule('{host: a}', '{name: a, labels: {b: c}}'))).toBe(false)
    expect(sameMeaning(rule('{host: a}'), rule('{host: a}', '{name: a, annotations: {b: c}}'))).toBe(false)
  })
})

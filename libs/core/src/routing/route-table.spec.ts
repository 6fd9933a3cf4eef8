import { describe, it, expect } from '@jest/globals'
import fc from 'fast-check'
import type { Route, RouteConfigPart, RouteMatch, StringMatch, VirtualHost } from '../snapshot/index.js'
import { buildRouteTable, RouteTableError } from './route-table.js'
import { requestView, type RequestInWords } from './build-request-view.js'

const GET: RequestInWords = { method: 'GET', authority: 'a', path: '/' }

function routeTo(cluster: string, match: RouteMatch): Route {
  return { name: cluster, match, action: { kind: 'forward', clusters: [{ cluster, weight: 1 }] } }
}

function config(virtualHosts: readonly VirtualHost[]): RouteConfigPart {
  return { type: 'routes', name: '80', virtualHosts, unknownHost: 'not-found' }
}

function vhost(domains: readonly string[], matches: readonly RouteMatch[]): VirtualHost {
  return { name: domains.join(), domains, routes: matches.map((match, i) => routeTo(`${i}`, match)) }
}

/** Index of the route that a table with these matches picks, or null. */
function pick(matches: readonly RouteMatch[], request: Partial<RequestInWords>): number | null {
  const table = buildRouteTable(config([vhost(['*'], matches)]), () => null)
  const view = requestView({ ...GET, ...request })
  return table.findVirtualHost(view)!.findRoute(view)?.index ?? null
}

describe('RouteTable.findVirtualHost', () => {
  const domains = ['reviews', 'a.example.com', '*.example.com', '*.b.example.com', 'api.*', 'api.v1.*', '[2001:db8::1]']
  const table = buildRouteTable(config(domains.map((domain) => vhost([domain], []))), () => null)
  const search = (authority: string | undefined): string | null =>
    table.findVirtualHost(requestView({ method: 'GET', path: '/', ...(authority !== undefined && { authority }) }))
      ?.virtualHost.name ?? null

  it.each([
    ['reviews', 'reviews'],
    ['reviews:9080', 'reviews'],
    ['REVIEWS:80', 'reviews'],
    ['reviews.', 'reviews'],
    ['reviews.:80', 'reviews'],
    ['a.example.com', 'a.example.com'],
    ['x.example.com', '*.example.com'],
    ['x.y.Example.COM:443', '*.example.com'],
    ['x.b.example.com', '*.b.example.com'],
    ['b.example.com', '*.example.com'],
    ['example.com', null],
    ['.example.com', null],
    ['api.example.com', '*.example.com'],
    ['api.net', 'api.*'],
    ['api.v1.net', 'api.v1.*'],
    ['api.', null],
    ['[2001:db8::1]', '[2001:db8::1]'],
    ['[2001:DB8::1]:8080', '[2001:db8::1]'],
    ['2001:db8::1', '[2001:db8::1]'],
    ['unknown', null],
    ['', null],
    [undefined, null],
  ])('finds for the authority %p the domain %p', (authority, expected) => {
    expect(search(authority)).toBe(expected)
  })

  it('falls back to * for everything, also without an authority', () => {
    const any = buildRouteTable(config([vhost(['*'], [])]), () => null)
    expect(any.findVirtualHost(requestView({ method: 'GET', path: '/' }))).not.toBeNull()
    expect(any.findVirtualHost(requestView({ ...GET, authority: 'x:1' }))).not.toBeNull()
  })
})

describe('VirtualHostTable.findRoute', () => {
  const exact = (value: string): StringMatch => ({ kind: 'exact', value })
  const prefix = (value: string): StringMatch => ({ kind: 'prefix', value })
  const regex = (value: string): StringMatch => ({ kind: 'regex', value })

  it.each<[string, RouteMatch, Partial<RequestInWords>, boolean]>([
    ['a prefix is a raw string prefix (S5)', { path: prefix('/foo') }, { path: '/foobar' }, true],
    ['an empty prefix', { path: prefix('') }, { path: '/x' }, true],
    ['the path is without the query', { path: exact('/foo') }, { path: '/foo', query: 'a=b' }, true],
    ['exact is case-sensitive', { path: exact('/foo') }, { path: '/Foo' }, false],
    ['ignoreCase on exact', { path: { ...exact('/FOO'), ignoreCase: true } }, { path: '/fOo' }, true],
    ['ignoreCase on prefix', { path: { ...prefix('/Foo'), ignoreCase: true } }, { path: '/fOObar' }, true],
    ['a regex is full-string (S6)', { path: regex('/v[0-9]') }, { path: '/v1/x' }, false],
    ['a regex over UTF-8', { path: regex('/é.') }, { path: '/éé' }, true],
    ['method', { method: exact('POST') }, {}, false],
    ['method regex', { method: regex('GET|PUT') }, {}, true],
    ['an absent scheme is http', { scheme: exact('http') }, {}, true],
    ['a given scheme', { scheme: exact('http') }, { scheme: 'https' }, false],
    ['authority is case-sensitive (S8)', { authority: exact('a') }, { authority: 'A' }, false],
    ['authority keeps its port', { authority: prefix('a:') }, { authority: 'a:80' }, true],
    ['header names in any case', { headers: [{ name: 'x-a', value: exact('1') }] }, { headers: [['X-A', '1']] }, true],
    ['a missing header', { headers: [{ name: 'x-a', value: exact('') }] }, {}, false],
    ['presence', { headers: [{ name: 'x-a' }] }, { headers: [['x-a', '']] }, true],
    ['presence of a missing header', { headers: [{ name: 'x-a' }] }, { headers: [['x-ab', '']] }, false],
    ['inverted presence', { headers: [{ name: 'x-a', invert: true }] }, {}, true],
    ['inverted presence, present', { headers: [{ name: 'x-a', invert: true }] }, { headers: [['x-a', '1']] }, false],
    [
      'a missing header is empty when inverted (S7)',
      { headers: [{ name: 'x', value: exact(''), invert: true }] },
      {},
      false,
    ],
    [
      'a missing header is not 1 when inverted',
      { headers: [{ name: 'x', value: exact('1'), invert: true }] },
      {},
      true,
    ],
    [
      'repeated fields are joined',
      { headers: [{ name: 'x', value: exact('1,2') }] },
      {
        headers: [
          ['x', '1'],
          ['X', '2'],
        ],
      },
      true,
    ],
    [
      'an empty value is joined too',
      { headers: [{ name: 'x', value: exact(',2') }] },
      {
        headers: [
          ['x', ''],
          ['x', '2'],
        ],
      },
      true,
    ],
    [
      'repeated fields are not tried one by one',
      { headers: [{ name: 'x', value: exact('1') }] },
      {
        headers: [
          ['x', '1'],
          ['x', '2'],
        ],
      },
      false,
    ],
    [
      'repeated, inverted',
      { headers: [{ name: 'x', value: prefix('1'), invert: true }] },
      {
        headers: [
          ['x', '1'],
          ['x', '2'],
        ],
      },
      false,
    ],
    ['query value', { queryParams: [{ name: 'k', value: exact('v') }] }, { query: 'a=1&k=v' }, true],
    ['only the first value counts', { queryParams: [{ name: 'k', value: exact('v') }] }, { query: 'k=1&k=v' }, false],
    ['?key is the empty value', { queryParams: [{ name: 'k', value: exact('') }] }, { query: 'k' }, true],
    ['presence of a query parameter', { queryParams: [{ name: 'k' }] }, { query: 'a&k=2' }, true],
    ['no query at all', { queryParams: [{ name: 'k' }] }, {}, false],
    ['nothing is decoded', { queryParams: [{ name: 'k', value: exact('a b') }] }, { query: 'k=a%20b' }, false],
    ['all conditions must hold', { path: prefix('/'), method: exact('GET'), headers: [{ name: 'x' }] }, {}, false],
  ])('%s', (_, match, request, matches) => {
    expect(pick([match], request)).toBe(matches ? 0 : null)
  })

  it('takes the first match of the list, whatever index finds it', () => {
    const matches = [{ path: exact('/b') }, { path: regex('/a.*') }, { path: prefix('/a') }, { path: exact('/ab') }, {}]
    expect(pick(matches, { path: '/ab' })).toBe(1)
    expect(pick(matches.slice(2), { path: '/ab' })).toBe(0)
    expect(pick(matches, { path: '/c' })).toBe(4)
  })
})

describe('buildRouteTable', () => {
  it('names virtual host and route of a bad regex', () => {
    const build = (): unknown =>
      buildRouteTable(config([vhost(['a'], [{ path: { kind: 'regex', value: '/(?=x)' } }])]), () => null)
    expect(build).toThrow(RouteTableError)
    expect(build).toThrow(/virtual host a, route 0 \(0\): .*\(\?=/)
  })

  it.each([[['a', 'A']], [['*foo*']], [['']]])('refuses the domains %p', (domains) => {
    expect(() => buildRouteTable(config([vhost(domains, [])]), () => null)).toThrow(RouteTableError)
  })

  it('gives back what was attached', () => {
    const table = buildRouteTable(config([vhost(['*'], [{}])]), (route, host) => `${host.name}/${route.name}`)
    expect(table.findVirtualHost(requestView(GET))!.findRoute(requestView(GET))!.action).toBe('*/0')
  })
})

describe('the route engine and a linear reference', () => {
  const segment = fc.constantFrom('a', 'A', 'ab', 'b', 'abc', 'é')
  const path = fc.array(segment, { maxLength: 3 }).map((segments) => '/' + segments.join('/'))
  const word = fc.constantFrom('', 'a', 'b', 'ab', 'a,b')
  const stringMatch: fc.Arbitrary<StringMatch> = fc.oneof(
    fc.record({ kind: fc.constantFrom('exact' as const, 'prefix' as const), value: word }),
    fc.record({ kind: fc.constant('regex' as const), value: fc.constantFrom('a.*', 'a|b', '.*', '[a-b]+') }),
  )
  const rare = <T>(arbitrary: fc.Arbitrary<T>): fc.Arbitrary<T | undefined> =>
    fc.option(arbitrary, { nil: undefined, freq: 2 })
  const pathMatch = fc.oneof(
    fc.record({
      kind: fc.constantFrom('exact' as const, 'prefix' as const),
      value: path,
      ignoreCase: fc.boolean(),
    }),
    fc.record({ kind: fc.constant('regex' as const), value: fc.constantFrom('/a.*', '/[aA]b?', '.*') }),
  )
  const match: fc.Arbitrary<RouteMatch> = fc
    .record({
      path: fc.option(pathMatch, { nil: undefined, freq: 8 }),
      method: rare(fc.record({ kind: fc.constant('exact' as const), value: fc.constantFrom('GET', 'PUT') })),
      scheme: rare(fc.record({ kind: fc.constant('exact' as const), value: fc.constantFrom('http', 'https') })),
      headers: rare(
        fc.array(fc.record({ name: word.filter(Boolean), value: rare(stringMatch), invert: fc.boolean() }), {
          maxLength: 2,
        }),
      ),
      queryParams: rare(
        fc.array(fc.record({ name: word.filter(Boolean), value: rare(stringMatch) }), { maxLength: 2 }),
      ),
    })
    .map((fields) => JSON.parse(JSON.stringify(fields)) as RouteMatch)
  const request: fc.Arbitrary<RequestInWords> = fc.record(
    {
      method: fc.constantFrom('GET', 'PUT'),
      scheme: fc.constantFrom('http', 'https'),
      path,
      query: fc.constantFrom('', 'a', 'a=', 'a=b&a', 'b=ab&a=a'),
      headers: fc.array(fc.tuple(fc.constantFrom('a', 'A', 'B', 'ab'), word), { maxLength: 4 }),
    },
    { requiredKeys: ['method', 'path'] },
  )

  it('agree on the first match', () => {
    fc.assert(
      fc.property(fc.array(match, { maxLength: 30 }), request, (matches, call) => {
        expect(pick(matches, call)).toBe(referencePick(matches, call))
      }),
      { numRuns: 3000 },
    )
  })

  it('agree whether a route stands alone or among a thousand', () => {
    const others = Array.from({ length: 1000 }, (_, i): RouteMatch => {
      const kind = i % 2 === 0 ? 'exact' : 'prefix'
      return { path: { kind, value: `/other/${i}`, ignoreCase: i % 3 === 0 } }
    })
    fc.assert(
      fc.property(match, fc.array(request, { minLength: 5, maxLength: 5 }), (one, calls) => {
        const table = buildRouteTable(config([vhost(['*'], [...others, one])]), () => null)
        for (const call of calls) {
          const view = requestView(call)
          const among = table.findVirtualHost(view)!.findRoute(view)?.index ?? null
          expect(among).toBe(pick([one], call) === null ? null : others.length)
        }
      }),
      { numRuns: 50 },
    )
  })
})

/** First match wins, read off the contract line by line, with strings and native regular expressions. */
function referencePick(matches: readonly RouteMatch[], call: RequestInWords): number | null {
  const index = matches.findIndex((match) => referenceMatches(match, call))
  return index < 0 ? null : index
}

function referenceMatches(match: RouteMatch, call: RequestInWords): boolean {
  if (match.path !== undefined) {
    const fold = (text: string): string =>
      match.path!.ignoreCase === true ? text.replace(/[A-Z]/g, (c) => c.toLowerCase()) : text
    if (!referenceString({ ...match.path, value: fold(match.path.value) }, fold(call.path))) return false
  }
  if (match.method !== undefined && !referenceString(match.method, call.method)) return false
  if (match.scheme !== undefined && !referenceString(match.scheme, call.scheme ?? 'http')) return false
  for (const { name, value, invert = false } of match.headers ?? []) {
    const values = (call.headers ?? []).filter(([field]) => field.toLowerCase() === name).map(([, v]) => v)
    const missing = values.length === 0
    const holds = value === undefined ? !missing : (!missing || invert) && referenceString(value, values.join(','))
    if (holds === invert) return false
  }
  for (const { name, value } of match.queryParams ?? []) {
    const first = call.query?.split('&').find((pair) => pair.split('=')[0] === name)
    if (first === undefined) return false
    if (value !== undefined && !referenceString(value, first.slice(name.length + 1))) return false
  }
  return true
}

function referenceString(match: StringMatch, text: string): boolean {
  if (match.kind === 'exact') return text === match.value
  if (match.kind === 'prefix') return text.startsWith(match.value)
  return new RegExp(`^(?:${match.value})$`, 'su').test(text)
}

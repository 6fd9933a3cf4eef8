import { describe, it, expect } from '@jest/globals'
import type { HTTPRoute } from '../resources/index.js'
import type { ForwardAction, Route, RouteAction } from '../snapshot/index.js'
import { translateVirtualService } from './translate-virtual-service.js'

/** The routes of one VirtualService `default/web` with these entries, for a sidecar on port 80. */
function translate(...http: readonly HTTPRoute[]): readonly Route[] {
  const virtualService = {
    name: 'web',
    namespace: 'default',
    hosts: ['web.com'],
    gateways: ['mesh'],
    spec: { http: [...http] },
  }
  const client = { namespace: 'default', labels: {} }
  return translateVirtualService({ virtualService, gateway: 'mesh', servicePorts: {} }, 80, client, 'svc.cluster.local')
}

function actionOf(http: HTTPRoute): RouteAction {
  return translate(http)[0]!.action
}

function forward(http: HTTPRoute): ForwardAction {
  const action = actionOf({ route: [{ destination: { host: 'a.com' } }], ...http })
  if (action.kind !== 'forward') throw new Error(`not a forward action: ${action.kind}`)
  return action
}

describe('translateVirtualService', () => {
  it('names routes after entry and match', () => {
    const route = [{ destination: { host: 'a.com' } }]
    const match = [{ uri: { exact: '/a' } }, { name: 'm', uri: { exact: '/b' } }]
    const names = translate({ name: 'r', match, route }, { match: [...match], route }).map(({ name }) => name)
    expect(names).toEqual(['r', 'r-m', '', '-m'])
  })

  it('leaves out what names no destination', () => {
    expect(translate({ match: [{ uri: { exact: '/a' } }] }, { directResponse: { status: 404 } })).toHaveLength(1)
  })

  describe('rewrite (S17, S19)', () => {
    const withHost = { request: { set: { Host: 'set' }, add: { ':authority': 'add' } } }
    it.each<[string, HTTPRoute, ForwardAction['rewrite']]>([
      ['nothing', {}, undefined],
      [
        'a prefix',
        { match: [{ uri: { prefix: '/a' } }], rewrite: { uri: '/b' } },
        { path: { kind: 'prefix', value: '/b' } },
      ],
      ['no condition on the path', { rewrite: { uri: '/b' } }, { path: { kind: 'prefix', value: '/b' } }],
      [
        'an exact path',
        { match: [{ uri: { exact: '/a' } }], rewrite: { uri: '/b' } },
        { path: { kind: 'full', value: '/b' } },
      ],
      [
        'a regex path',
        { match: [{ uri: { regex: '/a' } }], rewrite: { uri: '/b' } },
        { path: { kind: 'full', value: '/b' } },
      ],
      [
        'by regex',
        { rewrite: { uriRegexRewrite: { match: '/(a)', rewrite: '/\\1' } } },
        { regex: { match: '/(a)', substitution: '/\\1' } },
      ],
      ['the authority', { rewrite: { authority: 'x' }, headers: withHost }, { authority: 'x' }],
      ['set before add', { headers: withHost }, { authority: 'set' }],
      ['add', { headers: { request: { add: { host: 'add' } } } }, { authority: 'add' }],
      [
        "the only destination's",
        { route: [{ destination: { host: 'a.com' }, headers: withHost }] },
        { authority: 'set' },
      ],
      [
        "the route's before the destination's",
        {
          headers: { request: { set: { host: 'r' } } },
          route: [{ destination: { host: 'a.com' }, headers: withHost }],
        },
        { authority: 'r' },
      ],
    ])('%s', (_, http, rewrite) => {
      expect(forward(http).rewrite).toEqual(rewrite)
    })

    it('gives each of several destinations its own authority, unless the route has one', () => {
      const route = [
        { destination: { host: 'a.com' }, weight: 1, headers: withHost },
        { destination: { host: 'b.com' }, weight: 1 },
      ]
      expect(forward({ route }).clusters.map(({ authority }) => authority)).toEqual(['set', undefined])
      expect(forward({ route, rewrite: { authority: 'x' } }).clusters.map(({ authority }) => authority)).toEqual([
        undefined,
        undefined,
      ])
    })
  })

  describe('header operations (S17)', () => {
    const ofRoute = { request: { set: { A: 'route' }, add: { b: 'route' }, remove: ['c', 'Host', ':path'] } }
    const ofDestination = { request: { set: { a: 'dest' }, add: { b: 'dest', c: 'dest' }, remove: ['b'] } }

    it('of one destination stand behind those of the route, on one level', () => {
      const [cluster] = forward({
        headers: ofRoute,
        route: [{ destination: { host: 'a.com' }, headers: ofDestination }],
      }).clusters
      expect(cluster!.requestHeaders).toEqual({
        drop: ['a', 'b', 'c'],
        append: [
          ['a', 'dest'],
          ['b', 'route'],
          ['b', 'dest'],
          ['c', 'dest'],
        ],
      })
    })

    it('of several destinations run before those of the route', () => {
      const route = [
        { destination: { host: 'a.com' }, weight: 1, headers: ofDestination },
        { destination: { host: 'b.com' }, weight: 1 },
      ]
      const [first, second] = forward({ headers: ofRoute, route }).clusters
      expect(first!.requestHeaders).toEqual({
        drop: ['a', 'b', 'c'],
        append: [
          ['b', 'dest'],
          ['a', 'route'],
          ['b', 'route'],
        ],
      })
      expect(second!.requestHeaders).toEqual({
        drop: ['a', 'c'],
        append: [
          ['a', 'route'],
          ['b', 'route'],
        ],
      })
    })

    it('of a response that is made here stay with the route; %% is a percent sign', () => {
      const headers = { response: { set: { 'X-Rate': '5%%' } } }
      const [route] = translate({ directResponse: { status: 200 }, headers })
      expect(route!.responseHeaders).toEqual({ drop: ['x-rate'], append: [['x-rate', '5%']] })
      expect(translate({ route: [{ destination: { host: 'a.com' } }], headers })[0]!.responseHeaders).toBeUndefined()
    })
  })

  describe('retries (S28-S33)', () => {
    const defaults = { attempts: 2, statusCodes: [], backoffBaseMs: 25, backoffMaxMs: 250, avoidPreviousHosts: true }
    const on = ['connect-failure', 'refused-stream', 'unavailable', 'cancelled']
    it.each<[string, HTTPRoute, ForwardAction['retry'] | unknown]>([
      ['the default', {}, { ...defaults, on }],
      ['{} is off', { retries: {} }, undefined],
      ['attempts 0 is off', { retries: { attempts: 0 } }, undefined],
      ['attempts alone', { retries: { attempts: 3 } }, { ...defaults, on, attempts: 3 }],
      [
        'codes among the words',
        { retries: { attempts: 1, retryOn: '503, gateway-error,429' } },
        { ...defaults, attempts: 1, on: ['gateway-error', 'retriable-status-codes'], statusCodes: [503, 429] },
      ],
      [
        'back-off and previous hosts',
        { retries: { attempts: 2, backoff: '100ms', retryIgnorePreviousHosts: false } },
        { ...defaults, on, backoffBaseMs: 100, backoffMaxMs: 1000, avoidPreviousHosts: false },
      ],
      [
        'perTryTimeout',
        { timeout: '2s', retries: { attempts: 2, perTryTimeout: '1.5s' } },
        { ...defaults, on, perTryTimeoutMs: 1500 },
      ],
      [
        'a longer perTryTimeout is ignored',
        { timeout: '1s', retries: { attempts: 2, perTryTimeout: '2s' } },
        { ...defaults, on },
      ],
      [
        'perTryTimeout alone',
        { retries: { attempts: 2, perTryTimeout: '2s' } },
        { ...defaults, on, perTryTimeoutMs: 2000 },
      ],
    ])('%s', (_, http, retry) => {
      expect(forward(http).retry).toEqual(retry)
    })

    it('has no timeout by default (S34)', () => {
      expect(forward({}).timeoutMs).toBeUndefined()
      expect(forward({ timeout: '0.5s' }).timeoutMs).toBe(500)
    })
  })

  it.each<[string, HTTPRoute, RouteAction]>([
    ['a redirect (S18)', { redirect: {} }, { kind: 'redirect', status: 301 }],
    [
      'all of a redirect',
      { redirect: { uri: '/x', authority: 'a', scheme: 'https', port: 8443, redirectCode: 307 } },
      {
        kind: 'redirect',
        status: 307,
        authority: 'a',
        scheme: 'https',
        port: 8443,
        path: { kind: 'full', value: '/x' },
      },
    ],
    [
      'prefixRewrite and the request port',
      { redirect: { prefixRewrite: '/', derivePort: 'FROM_REQUEST_PORT' } },
      { kind: 'redirect', status: 301, port: 'from-request', path: { kind: 'prefix', value: '/' } },
    ],
    ['a direct response', { directResponse: { status: 204 } }, { kind: 'direct-response', status: 204 }],
    [
      'a text as body, in UTF-8',
      { directResponse: { status: 200, body: { string: 'é' } } },
      { kind: 'direct-response', status: 200, body: 'w6k=' },
    ],
    [
      'bytes as body',
      { directResponse: { status: 200, body: { bytes: 'AAE=' } } },
      { kind: 'direct-response', status: 200, body: 'AAE=' },
    ],
  ])('translates %s', (_, http, action) => {
    expect(actionOf(http)).toEqual(action)
  })
})

import { describe, expect, it } from '@jest/globals'
import { type FilterChain, type ListenerPart, type RouteConfigPart } from '@fairlead/core/snapshot'
import { buildRouteTable, requestView } from '@fairlead/core/routing'
import { type ConnectionAttributes } from '../http/connection-attributes.js'
import { type Entrance } from './entrance.js'
import { BLACK_HOLE_PLAN, findPlan, NO_ROUTE_PLAN, NOT_CONFIGURED_PLAN } from './find-plan.js'
import { ForwardedFields } from './forwarded-fields.js'
import { forwardingRules } from './forwarding-rules.js'
import { RequestIds } from './request-ids.js'
import { type AnswerPlan, compileRoutePlan, type RoutePlan } from './route-plan.js'
import { type CompiledRoutes, type Tables } from './tables.js'

const PLAIN: ConnectionAttributes = {
  direction: 'outbound',
  peerAddress: '127.0.0.1',
  peerPort: 1,
  localAddress: '127.0.0.1',
  localPort: 2,
  originalDestination: null,
  secure: false,
  principal: null,
  serverName: null,
  applicationProtocol: null,
}

/** A route config whose one virtual host answers with `status`. */
function answering(
  name: string,
  status: number,
  domains = ['*'],
  unknownHost: 'not-found' | 'black-hole' = 'not-found',
) {
  const routes = [{ name: '', match: {}, action: { kind: 'direct-response', status } as const }]
  const part: RouteConfigPart = { type: 'routes', name, unknownHost, virtualHosts: [{ name, domains, routes }] }
  const table = buildRouteTable(part, compileRoutePlan)
  const compiled: CompiledRoutes = {
    part,
    table,
    readsForwarded: null,
    unknownHost: unknownHost === 'black-hole' ? BLACK_HOLE_PLAN : NO_ROUTE_PLAN,
  }
  return [name, compiled] as const
}

function listener(port: number, chains: readonly [match: FilterChain['match'], routeConfig: string][]): ListenerPart {
  const filterChains = chains.map(([match, routeConfig]) => ({ name: '', match, http: { routeConfig } }))
  return { type: 'listener', name: `outbound|${port}`, direction: 'outbound', address: null, port, filterChains }
}

const newFields = () => new ForwardedFields(new RequestIds())
const OUTBOUND = { bindKey: null, destinationPort: 0, authority: null } as Entrance

const tables: Tables = {
  outbound: new Map([
    [80, listener(80, [[{}, '80']])],
    [81, listener(81, [[{}, 'missing']])],
    [
      82,
      listener(82, [
        [{ transportProtocol: 'tls' }, '80'],
        [{ serverNames: ['*.example'] }, '80'],
        [{ applicationProtocols: ['h2'] }, '80'],
        [{ destinationPort: 83 }, '80'],
        [{ destinationPort: 82, transportProtocol: 'raw' }, '82'],
      ]),
    ],
    [83, listener(83, [[{ transportProtocol: 'tls' }, '80']])],
  ]),
  bound: new Map([['inbound|127.0.0.1|15006', listener(15006, [[{}, '82']])]]),
  routes: new Map([answering('80', 200, ['reviews', '*.example', '[::1]'], 'black-hole'), answering('82', 204)]),
  clusters: new Map(),
}

function statusOf(plan: RoutePlan): number | RoutePlan {
  return plan.kind === 'answer' ? (plan as AnswerPlan).reply!.status : plan
}

describe('findPlan', () => {
  it.each<[string, string | undefined, number | RoutePlan]>([
    ['takes port 80 where the authority names none', 'reviews', 200],
    ['takes the port of the authority', 'anything:82', 204],
    ['finds a wildcard', 'a.example:80', 200],
    ['finds an IPv6 host', '[::1]:80', 200],
    ['does not take the end of an IPv6 host for a port', '[::82]', BLACK_HOLE_PLAN],
    ['takes an empty port for none', 'reviews:', 200],
    ['does what the route config says of an unknown host', 'unknown', BLACK_HOLE_PLAN],
    ['black-holes a port without a listener', 'reviews:9999', BLACK_HOLE_PLAN],
    ['black-holes a port beyond 65535', 'reviews:65616', BLACK_HOLE_PLAN],
    ['finds no route where the route config is missing', 'reviews:81', NO_ROUTE_PLAN],
    ['finds no route where no filter chain matches', 'reviews:83', NO_ROUTE_PLAN],
    ['takes port 80 without any authority', undefined, BLACK_HOLE_PLAN],
  ])('%s', (_, authority, expected) => {
    const request = requestView({ method: 'GET', path: '/', ...(authority === undefined ? {} : { authority }) })
    expect(statusOf(findPlan(tables, OUTBOUND, PLAIN, request, newFields()))).toEqual(expected)
  })

  it('takes the first filter chain whose conditions all hold', () => {
    const tls: ConnectionAttributes = { ...PLAIN, secure: true, serverName: 'a.example', applicationProtocol: 'h2' }
    const request = requestView({ method: 'GET', authority: 'reviews:82', path: '/' })
    expect(statusOf(findPlan(tables, OUTBOUND, tls, request, newFields()))).toBe(200)
    expect(statusOf(findPlan(tables, OUTBOUND, PLAIN, request, newFields()))).toBe(204)
  })

  it('lets the authority of an outbound bind stand for that of the request', () => {
    const authority = new TextEncoder().encode('reviews')
    const bind = { bindKey: null, destinationPort: 80, authority } as Entrance
    const headers = [['x-long', 'v'.repeat(10_000)]] as const
    const request = requestView({ method: 'GET', authority: 'localhost:1234', path: '/', headers })
    expect(statusOf(findPlan(tables, bind, PLAIN, request, newFields()))).toBe(200)
  })

  it('finds inbound listeners by their bind, and says not found where there is none', () => {
    const request = requestView({ method: 'GET', authority: 'reviews', path: '/' })
    const inbound = { bindKey: 'inbound|127.0.0.1|15006', destinationPort: 15006, authority: null } as Entrance
    expect(statusOf(findPlan(tables, inbound, PLAIN, request, newFields()))).toBe(204)
    const other = { ...inbound, bindKey: 'inbound|127.0.0.1|1' } as Entrance
    expect(findPlan(tables, other, PLAIN, request, newFields())).toBe(NO_ROUTE_PLAN)
  })

  it('matches protected fields as they will be forwarded, not as the client wrote them', () => {
    const header = (name: string, value: string) => ({ name, value: { kind: 'exact', value } as const })
    const answer = (status: number) => ({ kind: 'direct-response', status }) as const
    const routes = [
      { name: '', match: { headers: [header('x-forwarded-proto', 'https')] }, action: answer(201) },
      { name: '', match: { headers: [header('x-envoy-internal', 'true')] }, action: answer(202) },
      { name: '', match: { headers: [header('x-forwarded-for', '6.6.6.6, 127.0.0.1')] }, action: answer(203) },
    ]
    const virtualHosts = [{ name: '', domains: ['shop'], routes }]
    const part: RouteConfigPart = { type: 'routes', name: '80', unknownHost: 'not-found', virtualHosts }
    const table = buildRouteTable(part, compileRoutePlan)
    const compiled: CompiledRoutes = { part, table, readsForwarded: new Set(virtualHosts), unknownHost: NO_ROUTE_PLAN }
    const gateway = {
      bindKey: 'gateway|0.0.0.0|80',
      destinationPort: 80,
      authority: new TextEncoder().encode('shop'),
      rules: forwardingRules('gateway', 0),
    } as Entrance
    const edge: Tables = {
      ...tables,
      bound: new Map([['gateway|0.0.0.0|80', listener(80, [[{}, '80']])]]),
      routes: new Map([['80', compiled]]),
    }
    const forged = [
      ['X-Forwarded-Proto', 'https'],
      ['x-plain', 'v'.repeat(10_000)],
      ['x_envoy_internal', 'true'],
      ['x-envoy-internal', 'true'],
      ['X-Forwarded-For', '6.6.6.6'],
    ] as const
    const request = requestView({ method: 'GET', authority: 'other', path: '/', headers: forged })
    expect(statusOf(findPlan(edge, gateway, PLAIN, request, newFields()))).toBe(203)
  })

  it('says so before the first config', () => {
    const request = requestView({ method: 'GET', authority: 'reviews', path: '/' })
    expect(findPlan(null, OUTBOUND, PLAIN, request, newFields())).toBe(NOT_CONFIGURED_PLAN)
  })
})

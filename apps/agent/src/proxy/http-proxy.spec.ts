import { describe, expect, it } from '@jest/globals'
import { type ClusterPart, type Part, type Route, type RouteConfigPart } from '@fairlead/core/snapshot'
import { buildRouteTable, requestView } from '@fairlead/core/routing'
import {
  type ClientConnection,
  type ClientConnectionOwner,
  type ClientExchange,
  type ResponseSink,
  type ServerExchange,
} from '../http/exchange.js'
import { type RequestHead, type ResponseHead } from '../http/head.js'
import { TimerWheel } from '../io/timer-wheel.js'
import { Cluster } from '../upstream/cluster.js'
import { type ConnectAttempt, type Connector, type ConnectOwner } from '../upstream/connector.js'
import { Entrance } from './entrance.js'
import { NO_ROUTE_PLAN } from './find-plan.js'
import { createHttpStats, DOWNSTREAM_RQ_ACTIVE, DOWNSTREAM_RQ_CLASS } from './http-stats.js'
import { HttpProxy } from './http-proxy.js'
import { compileRoutePlan } from './route-plan.js'
import { seededRandom } from '../upstream/balancers/testdata/seeded-random.js'

const NO_CONTENT: ResponseHead = { ...requestView({ method: '', path: '' }), status: 204, bodyLength: 0 }
const GET: RequestHead = {
  ...requestView({ method: 'GET', authority: 'svc', path: '/' }),
  bodyLength: 0,
  expectsContinue: false,
  upgrade: false,
}

/** Codecs of the shortest kind: every request is answered with 204 when `answerAll` is called. */
class FakeUpstreams implements Connector {
  readonly seen = new Map<string, number>()
  private readonly due: (() => void)[] = []

  connect(address: string, _port: number, _timeoutMs: number, owner: ConnectOwner): ConnectAttempt {
    const attempt = { cancel: () => {} }
    this.due.push(() => owner.onConnected(attempt, this.connection(address, owner)))
    return attempt
  }

  answerAll(): void {
    for (let act = this.due.shift(); act !== undefined; act = this.due.shift()) act()
  }

  private connection(address: string, owner: ClientConnectionOwner): ClientConnection {
    const connection = {
      freeSlots: 1,
      open: (sink: ResponseSink): ClientExchange => {
        connection.freeSlots = 0
        const answer = () => {
          this.seen.set(address, (this.seen.get(address) ?? 0) + 1)
          sink.onResponse(NO_CONTENT, true)
          connection.freeSlots = 1
          owner.onSlotFree(connection)
        }
        const unused = (): never => {
          throw new Error('the request has no body')
        }
        return {
          untouched: false,
          sendRequest: () => void this.due.push(answer),
          sendData: unused,
          endRequest: unused,
          resumeResponse: () => {},
          handOver: unused,
          reset: unused,
        }
      },
      drain: () => {},
      destroy: () => {},
    }
    return connection
  }
}

function createExchange(onStatus: (status: number) => void): ServerExchange {
  const exchange: ServerExchange = {
    request: GET,
    connection: {} as ServerExchange['connection'],
    owner: null,
    retain: () => {},
    startRequestBody: () => {},
    resumeRequestBody: () => {},
    sendInformational: () => {},
    acceptUpgrade: () => {},
    sendResponse: (head) => {
      onStatus(head.status)
      exchange.owner!.onExchangeEnd()
    },
    sendData: () => true,
    endResponse: () => {},
    sendLocalReply: (reply) => {
      onStatus(reply.status)
      exchange.owner!.onExchangeEnd()
    },
    reset: () => {},
  }
  return exchange
}

function clusterPart(name: string): ClusterPart & Part {
  const service = { host: name, port: 80, subset: '' }
  const how = { discovery: 'endpoints', loadBalancer: 'LEAST_REQUEST', connectTimeoutMs: 1000 } as const
  return { type: 'cluster', name, direction: 'outbound', service, ...how }
}

/** A proxy for `svc`, whose weighted destinations are clusters of one endpoint, named like the cluster. */
function createProxy(weights: Readonly<Record<string, number>>, seed: number) {
  const upstreams = new FakeUpstreams()
  const wheel = new TimerWheel()
  const random = seededRandom(seed)
  const clock = () => performance.now()
  const pools = { connectionsMax: 1000, pendingMax: 1000, idleTimeoutMs: 60_000 }
  const clusters = new Map<string, Cluster>()
  for (const name of Object.keys(weights)) {
    const cluster = new Cluster(name, { connector: upstreams, wheel, clock, random, ...pools })
    cluster.update(clusterPart(name), [{ address: name, port: 80, weight: 1, locality: '', workload: '' }])
    clusters.set(name, cluster)
  }
  const destinations = Object.entries(weights).map(([cluster, weight]) => ({ cluster, weight }))
  const route: Route = { name: '', match: {}, action: { kind: 'forward', clusters: destinations } }
  const virtualHosts = [{ name: 'svc', domains: ['svc'], routes: [route] }]
  const part: RouteConfigPart = { type: 'routes', name: '80', virtualHosts, unknownHost: 'not-found' }
  const table = buildRouteTable(part, compileRoutePlan)
  const filterChains = [{ name: '', match: {}, http: { routeConfig: '80' } }]
  const listener = { type: 'listener', name: 'outbound|80', direction: 'outbound', address: null, port: 80 } as const
  const current = {
    outbound: new Map([[80, { ...listener, filterChains }]]),
    bound: new Map(),
    routes: new Map([['80', { part, table, readsForwarded: null, unknownHost: NO_ROUTE_PLAN }]]),
    clusters,
  }
  const settings = { retainedBodyBytes: 65_536, tunnelIdleMs: 60_000, pathNormalizer: null, trustedHops: 0 }
  const proxy = new HttpProxy({ live: { current }, wheel, clock, random, ...settings })
  const stats = createHttpStats('outbound')
  const options = { direction: 'outbound', bindKey: null, destinationPort: 0, authority: null } as const
  const close = () => clusters.forEach((cluster) => cluster.destroy())
  return { upstreams, entrance: new Entrance(options, proxy, stats), stats, close }
}

describe('HttpProxy', () => {
  it.each([
    [{ v1: 95, v2: 5 }, 1],
    [{ v1: 95, v2: 5 }, 2],
    [{ v1: 1, v2: 1 }, 3],
    [{ v1: 70, v2: 20, v3: 10 }, 4],
  ])('shares 20,000 requests out as %j (seed %i), each within 4 standard errors', (weights, seed) => {
    const { upstreams, entrance, stats, close } = createProxy(weights, seed)
    const total = 20_000
    let answered = 0
    for (let i = 0; i < total; i++) {
      entrance.onRequest(createExchange((status) => (answered += status === 204 ? 1 : 0)))
      upstreams.answerAll()
    }
    close()
    expect(answered).toBe(total)
    expect([stats.values[DOWNSTREAM_RQ_CLASS + 2], stats.values[DOWNSTREAM_RQ_ACTIVE]]).toEqual([total, 0])
    const sum = Object.values(weights).reduce((a, b) => a + b, 0)
    for (const [name, weight] of Object.entries(weights)) {
      const share = weight / sum
      const standardError = Math.sqrt((share * (1 - share)) / total)
      expect(Math.abs(upstreams.seen.get(name)! / total - share)).toBeLessThan(4 * standardError)
    }
  })

  it('draws anew for each request: neither in turn nor by connection', () => {
    const { upstreams, entrance, close } = createProxy({ v1: 1, v2: 1 }, 7)
    const order: string[] = []
    for (let i = 0; i < 200; i++) {
      const before = upstreams.seen.get('v1') ?? 0
      entrance.onRequest(createExchange(() => {}))
      upstreams.answerAll()
      order.push(upstreams.seen.get('v1') === before + 1 ? '1' : '2')
    }
    close()
    expect(order.join('')).toMatch(/111/)
    expect(order.join('')).toMatch(/222/)
  })
})

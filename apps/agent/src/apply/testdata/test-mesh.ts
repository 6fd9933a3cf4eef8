import { Agent, createServer as createHttpServer, request, type IncomingHttpHeaders, type RequestListener } from 'node:http'
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net'
import {
  buildSnapshot,
  encodePart,
  type ClusterPart,
  type Endpoint,
  type ForwardAction,
  type Part,
  type RetryPolicy,
  type Route,
  type RouteConfigPart,
  type Snapshot,
} from '@fairlead/core/snapshot'
import { createDataPlane, type DataPlane, type DataPlaneOptions } from '../data-plane.js'
import { FLAG_NAMES } from '../../http/outcome.js'

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
}

export interface Call {
  readonly host?: string
  readonly path?: string
  readonly method?: string
  readonly headers?: Record<string, string | readonly string[]>
  readonly body?: string | Buffer
  /** Default: the outbound listener. */
  readonly port?: number
}

/** A data plane, its upstreams and its clients; all of it ends with `close`. */
export class TestMesh {
  readonly plane: DataPlane
  private readonly servers = new Set<Server>()
  private readonly sockets = new Set<Socket>()
  private readonly agent = new Agent({ keepAlive: true, maxSockets: 1000 })
  private revision = 0

  private constructor(options: Partial<DataPlaneOptions>) {
    this.plane = createDataPlane({
      role: 'sidecar',
      outbound: { address: '127.0.0.1', port: 0 },
      outboundBinds: [],
      inbound: [],
      log: { info: () => {}, warn: () => {} },
      ...options,
    })
  }

  static async start(options: Partial<DataPlaneOptions> = {}): Promise<TestMesh> {
    const mesh = new TestMesh(options)
    await mesh.plane.start()
    return mesh
  }

  get port(): number {
    return this.plane.bound.outbound!.port
  }

  /** Applies these parts as the next revision. */
  apply(parts: readonly Part[]): Promise<void> {
    return this.plane.apply(snapshotOf(++this.revision, parts))
  }

  /** An upstream that behaves: `node:http` with this handler. */
  async serve(handler: RequestListener): Promise<Endpoint> {
    return this.listen(createHttpServer({ keepAliveTimeout: 60_000 }, handler))
  }

  /** An upstream that may do anything with its sockets. */
  async serveRaw(onSocket: (socket: Socket) => void): Promise<Endpoint> {
    return this.listen(
      createServer((socket) => {
        socket.on('error', () => {})
        onSocket(socket)
      }),
    )
  }

  /** A port at which nothing listens. */
  async refuse(): Promise<Endpoint> {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const { port } = server.address() as AddressInfo
    await new Promise((resolve) => server.close(resolve))
    return endpointAt(port)
  }

  call({ host = 'svc', path = '/', method = 'GET', headers = {}, body, port = this.port }: Call = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const outgoing = request(
        { host: '127.0.0.1', port, path, method, headers: { host, ...headers }, agent: this.agent },
        (incoming) => {
          const chunks: Buffer[] = []
          incoming.on('data', (chunk: Buffer) => chunks.push(chunk))
          incoming.on('error', reject)
          incoming.on('end', () =>
            resolve({ status: incoming.statusCode!, headers: incoming.headers, body: Buffer.concat(chunks).toString() }),
          )
        },
      )
      outgoing.on('error', reject)
      outgoing.end(body)
    })
  }

  /** A number of `/stats`: scope and block name as in `cluster.svc`. */
  stat(block: string, stat: string): number {
    for (const { schema, name, values } of this.plane.stats.list()) {
      if (`${schema.scope}.${name}` === block) return values[schema.stats.findIndex((each) => each.name === stat)]!
    }
    throw new Error(`there is no ${block}.${stat}`)
  }

  /** Names of the response flags that outbound requests ended with, in the order of the bits. */
  flags(): string[] {
    return FLAG_NAMES.filter((flag) => this.stat('http.outbound', `response_flag_${flag.toLowerCase()}`) > 0)
  }

  async close(): Promise<void> {
    this.agent.destroy()
    await this.plane.close()
    for (const socket of this.sockets) socket.destroy()
    await Promise.all([...this.servers].map((server) => new Promise((resolve) => server.close(resolve))))
  }

  private async listen(server: Server): Promise<Endpoint> {
    this.servers.add(server)
    server.on('connection', (socket: Socket) => {
      this.sockets.add(socket)
      socket.on('close', () => this.sockets.delete(socket))
    })
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    return endpointAt((server.address() as AddressInfo).port)
  }
}

export function snapshotOf(revision: number, parts: readonly Part[]): Snapshot {
  return buildSnapshot({ revision, overlay: 0, endpoints: 0 }, parts.map(encodePart))
}

export function endpointAt(port: number, weight = 1): Endpoint {
  return { address: '127.0.0.1', port, weight, locality: '', workload: '' }
}

/** Cluster and endpoints. */
export function clusterParts(
  name: string,
  endpoints: readonly Endpoint[],
  more: Partial<ClusterPart> = {},
): readonly Part[] {
  const cluster: ClusterPart = {
    type: 'cluster',
    name,
    direction: 'outbound',
    service: { host: name, port: 80, subset: '' },
    discovery: 'endpoints',
    loadBalancer: 'LEAST_REQUEST',
    connectTimeoutMs: 1000,
    ...more,
  }
  return [cluster, { type: 'endpoints', name, endpoints }]
}

/** The outbound listener of port 80 and its routes, all in one virtual host for the host `svc`. */
export function routeParts(routes: readonly Route[], more: Partial<RouteConfigPart> = {}): readonly Part[] {
  const virtualHosts = [{ name: 'svc:80', domains: ['svc'], routes }]
  const filterChains = [{ name: 'http', match: {}, http: { routeConfig: '80' } }]
  return [
    { type: 'listener', name: 'outbound|80', direction: 'outbound', address: null, port: 80, filterChains },
    { type: 'routes', name: '80', unknownHost: 'black-hole', virtualHosts, ...more },
  ]
}

export function forward(cluster: string, more: Partial<ForwardAction> = {}): Route {
  return { name: '', match: {}, action: { kind: 'forward', clusters: [{ cluster, weight: 1 }], ...more } }
}

export function retry(on: RetryPolicy['on'], more: Partial<RetryPolicy> = {}): RetryPolicy {
  return { attempts: 2, on, statusCodes: [], backoffBaseMs: 1, backoffMaxMs: 5, avoidPreviousHosts: true, ...more }
}

/** `svc` forwards to the cluster `svc` with these endpoints. */
export function oneService(endpoints: readonly Endpoint[], action: Partial<ForwardAction> = {}): readonly Part[] {
  return [...clusterParts('svc', endpoints), ...routeParts([forward('svc', action)])]
}

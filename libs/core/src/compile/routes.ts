import type { Route, RouteConfigPart, VirtualHost } from '../snapshot/index.js'
import { inboundCluster } from './cluster-name.js'
import type { CompileInput } from './compile-input.js'
import { gatewayBinds, gatewayRouteConfig } from './gateway-binds.js'
import { outboundPorts } from './outbound-ports.js'
import { partTask, type PartTask } from './part-task.js'
import { DEFAULT_RETRY, INBOUND_RETRY } from './retry-policy.js'
import { isCatchAll } from './route-match.js'
import { translateVirtualService, type RouteClient } from './translate-virtual-service.js'
import type { VirtualHostInput } from './virtual-host-input.js'

export function routeTasks({ mesh, scope }: CompileInput): readonly PartTask[] {
  const { meshDomain } = mesh.settings
  const inbound = scope.inbound.map(({ applicationPort }) =>
    partTask('routes', inboundCluster(applicationPort), { applicationPort }, compileInbound),
  )
  const task = (input: Omit<RouteConfigInput, 'client' | 'meshDomain'>): PartTask => {
    const client = { namespace: scope.namespace, labels: labelsThatCount(input.virtualHosts, scope.labels) }
    return partTask('routes', input.name, { ...input, client, meshDomain }, compileRoutes)
  }
  if (scope.role === 'gateway') {
    const binds = gatewayBinds(mesh, scope.namespace, scope.labels)
    return [
      ...inbound,
      ...binds.map((bind) => task({ ...bind, name: gatewayRouteConfig(bind), unknownHost: 'not-found' })),
    ]
  }
  // Until MeshConfig brings ALLOW_ANY, what no service or VirtualService names is refused as by REGISTRY_ONLY (S13).
  const outbound = outboundPorts(mesh, scope.namespace)
  return [...inbound, ...outbound.map((port) => task({ ...port, name: `${port.port}`, unknownHost: 'black-hole' }))]
}

interface RouteConfigInput {
  readonly name: string
  readonly port: number
  readonly unknownHost: RouteConfigPart['unknownHost']
  readonly virtualHosts: readonly VirtualHostInput[]
  readonly client: RouteClient
  readonly meshDomain: string
}

function compileRoutes(input: RouteConfigInput): RouteConfigPart {
  const virtualHosts = input.virtualHosts.flatMap((host): VirtualHost[] => {
    const routes = host.redirectToHttps ? [HTTPS_REDIRECT] : routesOf(host, input)
    return routes.length === 0 ? [] : [{ name: host.name, domains: host.domains, routes }]
  })
  return { type: 'routes', name: input.name, virtualHosts, unknownHost: input.unknownHost }
}

function routesOf(host: VirtualHostInput, { port, client, meshDomain }: RouteConfigInput): readonly Route[] {
  const routes = host.sources.flatMap((source) => translateVirtualService(source, port, client, meshDomain))
  if (routes.length === 0) return host.defaultCluster === null ? [] : [defaultRoute(host.defaultCluster)]
  if (!host.catchAllsLast) return routes
  return [...routes.filter((route) => !isCatchAll(route.match)), ...routes.filter((route) => isCatchAll(route.match))]
}

/** Labels that no VirtualService asks for stay out of the input, so that agents which differ only in them share parts. */
function labelsThatCount(
  hosts: readonly VirtualHostInput[],
  labels: Readonly<Record<string, string>>,
): Readonly<Record<string, string>> {
  const asked = new Set<string>()
  for (const host of hosts) {
    for (const { virtualService } of host.sources) {
      for (const http of virtualService.spec.http ?? []) {
        for (const { sourceLabels = {} } of http.match ?? [])
          for (const name of Object.keys(sourceLabels)) asked.add(name)
      }
    }
  }
  return Object.fromEntries(Object.entries(labels).filter(([name]) => asked.has(name)))
}

/** What a service without a VirtualService gets (S28). */
function defaultRoute(cluster: string): Route {
  return {
    name: 'default',
    match: { path: { kind: 'prefix', value: '/' } },
    action: { kind: 'forward', clusters: [{ cluster, weight: 1 }], retry: DEFAULT_RETRY },
  }
}

const HTTPS_REDIRECT: Route = {
  name: '',
  match: { path: { kind: 'prefix', value: '/' } },
  action: { kind: 'redirect', status: 301, scheme: 'https' },
}

function compileInbound({ applicationPort }: { readonly applicationPort: number }): RouteConfigPart {
  const cluster = inboundCluster(applicationPort)
  const route: Route = {
    name: 'default',
    match: { path: { kind: 'prefix', value: '/' } },
    action: { kind: 'forward', clusters: [{ cluster, weight: 1 }], retry: INBOUND_RETRY },
  }
  const virtualHosts = [{ name: `inbound|http|${applicationPort}`, domains: ['*'], routes: [route] }]
  return { type: 'routes', name: cluster, virtualHosts, unknownHost: 'not-found' }
}

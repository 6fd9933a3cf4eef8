import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, startServer } from '../harness/server-process.js'
import { canaryHeader, otherRules, RETRY_ATTEMPTS, serviceHost, takenPrefixes, TIMEOUT_SECONDS } from './bench-mesh.js'

/** One worker, with the route table, timeout and retry policy that Fairlead gets; no access log. */
export async function startEnvoy({ envoy, folder, upstreamPort, services = 50, rules = 20 }) {
  const port = await freePort()
  const root = join(folder, 'envoy')
  mkdirSync(root, { recursive: true })
  const file = join(root, 'envoy.json')
  writeFileSync(file, JSON.stringify(bootstrap({ port, upstreamPort, services, rules })))
  const args = ['--config-path', file, '--concurrency', '1', '--disable-hot-restart', '--log-level', 'error']
  return startServer({ name: 'envoy', command: envoy, args, port })
}

function bootstrap({ port, upstreamPort, services, rules }) {
  const hosts = Array.from({ length: services }, (_, i) => serviceHost(i))
  return {
    static_resources: {
      listeners: [listener(port, hosts, rules)],
      clusters: hosts.map((host) => cluster(host, upstreamPort)),
    },
  }
}

function listener(port, hosts, rules) {
  const manager = {
    '@type': 'type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager',
    stat_prefix: 'bench',
    route_config: { name: 'bench', virtual_hosts: hosts.map((host, i) => virtualHost(host, i === 0 ? rules : 1)) },
    http_filters: [
      {
        name: 'envoy.filters.http.router',
        typed_config: { '@type': 'type.googleapis.com/envoy.extensions.filters.http.router.v3.Router' },
      },
    ],
  }
  return {
    name: 'bench',
    address: address(port),
    filter_chains: [{ filters: [{ name: 'envoy.filters.network.http_connection_manager', typed_config: manager }] }],
  }
}

function virtualHost(host, rules) {
  const route = {
    cluster: host,
    timeout: `${TIMEOUT_SECONDS}s`,
    retry_policy: {
      retry_on: 'connect-failure,refused-stream,retriable-status-codes',
      num_retries: RETRY_ATTEMPTS,
      retriable_status_codes: [503],
    },
  }
  const canary = { prefix: '/', headers: [{ name: canaryHeader, string_match: { exact: 'yes' } }] }
  const matches = [
    canary,
    ...otherRules(rules - 2 - takenPrefixes.length).map(({ exact, prefix }) => (exact ? { path: exact } : { prefix })),
    ...takenPrefixes.map((prefix) => ({ prefix })),
  ]
  const before = rules > 1 ? matches : []
  return {
    name: host,
    domains: [host],
    routes: [...before, { prefix: '/' }].map((match) => ({ match, route })),
  }
}

function cluster(name, upstreamPort) {
  const endpoint = { endpoint: { address: address(upstreamPort) } }
  return {
    name,
    connect_timeout: '5s',
    type: 'STATIC',
    load_assignment: { cluster_name: name, endpoints: [{ lb_endpoints: [endpoint] }] },
  }
}

function address(port) {
  return { socket_address: { address: '127.0.0.1', port_value: port } }
}

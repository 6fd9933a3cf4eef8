import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { freePort, startServer } from '../harness/server-process.js'
import { canaryHeader, otherRules, RETRY_ATTEMPTS, serviceHost, takenPrefixes, TIMEOUT_SECONDS } from './bench-mesh.js'

const script = join(import.meta.dirname, '../../apps/agent/bin/fairlead-agent.js')

/**
 * A standalone agent as users run it: a mesh of `services` services, `rules` rules on the one under test, timeout,
 * retries, metrics. `nodeFlags` go before the script (a profile, for example).
 */
export async function startFairlead({ folder, upstreamPort, services = 50, rules = 20, nodeFlags = [] }) {
  const port = await freePort()
  const adminPort = await freePort()
  const root = join(folder, `fairlead-${port}`)
  mkdirSync(root, { recursive: true })
  writeMesh(root, { upstreamPort, services, rules })
  const listeners = ['--outbound', `127.0.0.1:${port}`, '--admin', `127.0.0.1:${adminPort}`]
  const args = [script, '--mesh', root, ...listeners, '--metrics', '127.0.0.1:0', '--log-level', 'error']
  const env = { NODE_OPTIONS: '', FAIRLEAD_AGENT_STATE_DIR: root }
  const server = await startServer({
    name: 'fairlead',
    command: process.execPath,
    args: [...nodeFlags, ...args],
    port,
    env,
  })
  return { ...server, adminPort }
}

/** A document has at most 1 MiB: services come in several, and many rules share a route. */
const SERVICES_PER_FILE = 1000
const ROUTES_MAX = 100

function writeMesh(root, { upstreamPort, services, rules }) {
  const entries = Array.from({ length: services }, (_, i) => serviceEntry(serviceHost(i), upstreamPort))
  const lists = chunks(entries, SERVICES_PER_FILE)
  ;[...lists, [virtualService(rules)]].forEach((items, i) => {
    writeFileSync(join(root, `mesh-${i}.json`), JSON.stringify({ apiVersion: 'v1', kind: 'List', items }))
  })
}

function chunks(items, size) {
  return Array.from({ length: Math.ceil(items.length / size) }, (_, i) => items.slice(i * size, (i + 1) * size))
}

function serviceEntry(host, upstreamPort) {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'ServiceEntry',
    metadata: { name: host.split('.')[0] },
    spec: {
      hosts: [host],
      location: 'MESH_INTERNAL',
      resolution: 'STATIC',
      ports: [{ number: 80, name: 'http', protocol: 'HTTP' }],
      endpoints: [{ address: '127.0.0.1', ports: { http: upstreamPort } }],
    },
  }
}

function virtualService(rules) {
  const others = otherRules(rules - 2 - takenPrefixes.length).map((uri) => ({ uri }))
  const match = [
    [{ headers: { [canaryHeader]: { exact: 'yes' } } }],
    ...chunks(others, Math.ceil(others.length / ROUTES_MAX)),
    ...takenPrefixes.map((prefix) => [{ uri: { prefix } }]),
    undefined,
  ]
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name: 'bench' },
    spec: {
      hosts: [serviceHost(0)],
      http: match.map((conditions, i) => ({
        name: `rule-${i}`,
        ...(conditions && { match: conditions }),
        route: [{ destination: { host: serviceHost(0) } }],
        timeout: `${TIMEOUT_SECONDS}s`,
        retries: { attempts: RETRY_ATTEMPTS, retryOn: 'connect-failure,refused-stream,503' },
      })),
    },
  }
}

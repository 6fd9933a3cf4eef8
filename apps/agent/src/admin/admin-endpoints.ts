import type { StatRegistry } from '../telemetry/stat-registry.js'
import { json, text, type Endpoint, type Reply } from './endpoint.js'
import { healthEndpoints, type Health } from './health-endpoints.js'
import { statsReply } from './stats-view.js'

/** What admin shows: plain JSON values, made when asked for. */
export interface AdminViews extends Health {
  serverInfo(): unknown
  configDump(): unknown
  clusters(): unknown
  routes(): unknown
  listeners(): unknown
  readonly stats: StatRegistry
}

export interface AdminActions {
  /** Resolves when the endpoint is withdrawn, or the controller did not answer in time. */
  drain(draining: boolean): Promise<void>
  /** Begins the same clean stop as SIGTERM. */
  quit(): void
  /** False: no such level. */
  setLogLevel(level: string): boolean
}

/** Paths as Envoy's admin, where there is one. */
export function adminEndpoints(views: AdminViews, actions: AdminActions): readonly Endpoint[] {
  const get = (path: string, help: string, handle: Endpoint['handle']): Endpoint => ({
    method: 'GET',
    path,
    help,
    handle,
  })
  const post = (path: string, help: string, handle: Endpoint['handle']): Endpoint => ({
    method: 'POST',
    path,
    help,
    handle,
  })
  const endpoints: readonly Endpoint[] = [
    get('/', 'this list', () => text(endpoints.map(indexLine).join('\n'))),
    ...healthEndpoints(views),
    get('/server_info', 'who this agent is, where its config comes from, how its controller session stands', () =>
      json(views.serverInfo()),
    ),
    get('/config_dump', 'the version and every part of the running config', () => json(views.configDump())),
    get('/clusters', 'clusters and their endpoints', () => json(views.clusters())),
    get('/routes', 'routes by route config', () => json(views.routes())),
    get('/listeners', 'listeners and their filter chains', () => json(views.listeners())),
    get('/stats', 'all numbers; ?format=text|json|prometheus, ?filter=REGEX', (query) =>
      statsReply(views.stats, query),
    ),
    post('/drain', 'withdraw the endpoint, then let connections finish; the agent goes on', () => drain(actions, true)),
    post('/undrain', 'bring the endpoint back', () => drain(actions, false)),
    post('/logging', '?level=trace|debug|info|warn|error', (query) => setLevel(actions, query.get('level') ?? '')),
    post('/quitquitquit', 'drain and stop, as on SIGTERM', () => {
      actions.quit()
      return text('OK')
    }),
  ]
  return endpoints
}

function indexLine({ method, path, help }: Endpoint): string {
  return `${method.padEnd(4)} ${path.padEnd(16)} ${help}`
}

async function drain(actions: AdminActions, draining: boolean): Promise<Reply> {
  await actions.drain(draining)
  return text('OK')
}

function setLevel(actions: AdminActions, level: string): Reply {
  return actions.setLogLevel(level) ? text(`level: ${level}`) : text(`level: '${level}' is no log level`, 400)
}

import { readFileSync } from 'node:fs'
import { homedir, hostname } from 'node:os'
import { setTimeout as delay } from 'node:timers/promises'
import { formatVersion } from '@fairlead/core/snapshot'
import { destination, pino, type Logger } from 'pino'
import { adminEndpoints, type AdminActions, type AdminViews } from './admin/admin-endpoints.js'
import { serveEndpoints, type EndpointServer, type EndpointServerOptions } from './admin/endpoint-server.js'
import { healthEndpoints } from './admin/health-endpoints.js'
import { refuseForeignCaller } from './admin/local-caller.js'
import { metricsEndpoints } from './admin/metrics-endpoints.js'
import { createDataPlane, type BindAddress, type DataPlane } from './apply/data-plane.js'
import { BadInputError, type ConfigSource } from './config-source.js'
import { createControlled } from './controlled.js'
import { LOG_LEVELS, readSettings, type AgentSettings } from './settings/agent-settings.js'
import { helpText } from './settings/flags.js'
import { formatSocketAddress } from './settings/socket-address.js'
import { UsageError } from './settings/usage-error.js'

/** Lines beyond it are dropped while nobody reads stdout. */
const LOG_BUFFER_MAX_BYTES = 16 * 1024 * 1024

const agentVersion = readVersion()
/** What readiness hangs on, besides config. */
const state = { isDraining: false, isStopping: false }

await main().catch((error: Error) => {
  // Findings begin with their file and line, for editors to find.
  const prefix = error instanceof BadInputError ? '' : 'fairlead-agent: '
  process.stderr.write(`${prefix}${error.message}\n`)
  process.exit(error instanceof UsageError ? 2 : error instanceof BadInputError ? 65 : 1)
})

async function main(): Promise<void> {
  const settings = readSettings(process.argv.slice(2), process.env, {
    hostname: hostname(),
    home: homedir(),
    isRoot: process.getuid?.() === 0,
  })
  if (settings === 'help') return void process.stdout.write(helpText())
  if (settings === 'version') return void process.stdout.write(`fairlead-agent ${agentVersion}\n`)

  const { log, flush } = openLog(settings)
  const stop = stopOnSignal(log)
  const dataPlane = createDataPlane(dataPlaneOptions(settings, log))
  let reload = () => {}
  // Before anything is read: without a handler the signal ends the process.
  process.on('SIGHUP', () => reload())
  const source = await createSource(settings, dataPlane, log)
  reload = () => void source.reload()
  await dataPlane.start()
  const servers = await openServers(settings, viewsOf(settings, dataPlane, source), actionsOf(source, log, stop.begin))
  source.start()
  log.info(readyFields(settings, dataPlane, servers), 'agent ready')

  await stop.begun
  state.isStopping = true
  log.info({ drainMs: settings.drainMs }, 'agent stopping')
  await source.stop()
  await dataPlane.drain(settings.drainMs)
  await dataPlane.close()
  for (const server of [servers.admin, servers.health, servers.metrics]) await server?.close()
  log.info('agent stopped')
  await flush()
  process.exit(0)
}

interface OpenLog {
  readonly log: Logger
  /** Resolves when every line is written, or half a second has passed: a reader that stands still stops nothing. */
  flush(): Promise<void>
}

function openLog(settings: AgentSettings): OpenLog {
  // Written by the thread pool, so that a slow reader of stdout never stops traffic.
  const stdout = destination({ fd: 1, sync: false, maxLength: LOG_BUFFER_MAX_BYTES })
  // A reader that went away must not end the agent.
  stdout.on('error', () => {})
  const { namespace, name } = settings.workload
  const log = pino({ level: settings.logLevel, base: { agent: `${namespace}/${name}` } }, stdout)
  const flush = async () => {
    const written = new Promise((resolve) => stdout.once('close', resolve))
    stdout.end()
    await Promise.race([written, delay(500)])
  }
  return { log, flush }
}

/** The first signal begins a clean stop, also while the agent still starts; the second ends at once. */
function stopOnSignal(log: Logger): { begin: () => void; readonly begun: Promise<void> } {
  let begin = () => {}
  const begun = new Promise<void>((resolve) => (begin = resolve))
  let signals = 0
  const onSignal = (signal: NodeJS.Signals) => {
    log.info({ signal }, 'signal')
    if (++signals > 1) process.exit(1)
    begin()
  }
  process.on('SIGTERM', onSignal)
  process.on('SIGINT', onSignal)
  return { begin, begun }
}

async function createSource(settings: AgentSettings, dataPlane: DataPlane, log: Logger): Promise<ConfigSource> {
  const { source } = settings
  const onDraining = (draining: boolean) => void (state.isDraining = draining)
  if (source.kind === 'controller') {
    return createControlled({ settings, source, dataPlane, agentVersion, onDraining, log })
  }
  // Loaded only here: validation and compile stay out of an agent that has a controller.
  const { createStandalone } = await import('./standalone.js')
  return createStandalone({ settings, source, dataPlane, onDraining, log })
}

function dataPlaneOptions(settings: AgentSettings, log: Logger): Parameters<typeof createDataPlane>[0] {
  const { workload, listeners, pathNormalization, trustedHops, limits } = settings
  const bindOf = <T extends { host: string }>({ host, ...rest }: T) => ({ address: host, ...rest })
  return {
    role: workload.role,
    outbound: listeners.outbound === null ? null : bindOf(listeners.outbound),
    outboundBinds: listeners.outboundBinds.map(bindOf),
    inbound: listeners.inbound.map(bindOf),
    pathNormalization,
    trustedHops,
    limits,
    log,
  }
}

function viewsOf(settings: AgentSettings, dataPlane: DataPlane, source: ConfigSource): AdminViews {
  return {
    configDump: () => dataPlane.views.configDump(),
    clusters: () => dataPlane.views.clusters(),
    routes: () => dataPlane.views.routes(),
    listeners: () => dataPlane.views.listeners(),
    stats: dataPlane.stats,
    notReadyReason: () => {
      if (state.isStopping) return 'stopping'
      if (state.isDraining) return 'draining'
      return dataPlane.version === null ? 'no config yet' : null
    },
    serverInfo: () => ({
      version: agentVersion,
      uptimeSeconds: Math.floor(process.uptime()),
      ...settings.workload,
      config: { version: dataPlane.version === null ? null : formatVersion(dataPlane.version), ...source.status() },
    }),
  }
}

function actionsOf(source: ConfigSource, log: Logger, quit: () => void): AdminActions {
  return {
    drain: (draining) => source.drain(draining),
    quit,
    setLogLevel: (level) => {
      const known = LOG_LEVELS.find((word) => word === level)
      if (known !== undefined) log.level = known
      return known !== undefined
    },
  }
}

interface Servers {
  readonly admin: EndpointServer | null
  readonly health: EndpointServer | null
  readonly metrics: EndpointServer | null
}

async function openServers({ listeners }: AgentSettings, views: AdminViews, actions: AdminActions): Promise<Servers> {
  const { admin, health, metrics } = listeners
  const open = (options: EndpointServerOptions | null) => (options === null ? null : serveEndpoints(options))
  return {
    admin: await open(
      admin && {
        name: 'admin',
        address: admin,
        endpoints: adminEndpoints(views, actions),
        refuse: refuseForeignCaller,
      },
    ),
    health: await open(health && { name: 'health', address: health, endpoints: healthEndpoints(views) }),
    metrics: await open(metrics && { name: 'metrics', address: metrics, endpoints: metricsEndpoints(views.stats) }),
  }
}

/** Where everything listens, with the real ports; what is not open is left out. */
function readyFields({ workload }: AgentSettings, { bound, version }: DataPlane, servers: Servers): object {
  const textOf = ({ address, port }: BindAddress) => formatSocketAddress({ host: address, port })
  return {
    role: workload.role,
    outbound: bound.outbound === null ? undefined : textOf(bound.outbound),
    outboundBinds: bound.outboundBinds.map(textOf),
    inbound: bound.inbound.map(textOf),
    admin: servers.admin?.address,
    health: servers.health?.address,
    metrics: servers.metrics?.address,
    config: version === null ? undefined : formatVersion(version),
  }
}

function readVersion(): string {
  const manifest: unknown = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8'))
  return (manifest as { version: string }).version
}

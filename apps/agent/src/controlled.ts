import { formatVersion, type Snapshot } from '@fairlead/core/snapshot'
import type { Logger } from 'pino'
import type { DataPlane } from './apply/data-plane.js'
import type { ConfigSource } from './config-source.js'
import { openAgentFolder, type AgentFolder } from './control/agent-folder.js'
import { ControlSession } from './control/control-session.js'
import type { AgentNode } from './control/wire.js'
import type { AgentSettings, ControllerSource } from './settings/agent-settings.js'

export interface ControlledOptions {
  readonly settings: AgentSettings
  readonly source: ControllerSource
  readonly dataPlane: DataPlane
  readonly agentVersion: string
  readonly onDraining: (draining: boolean) => void
  readonly log: Logger
}

/** Config from a controller, and from disk until it answers. Rejects if another process runs as this agent. */
export async function createControlled(options: ControlledOptions): Promise<ConfigSource> {
  const { settings, log } = options
  const folder = await openAgentFolder(settings.stateDir, settings.workload, Date.now())
  process.once('exit', folder.release)
  const initial = await applyLastKnownGood(folder, options.dataPlane, log)
  let origin: 'none' | 'disk' | 'controller' = initial === null ? 'none' : 'disk'
  const session = new ControlSession({
    controller: options.source,
    node: nodeOf(settings),
    agentVersion: options.agentVersion,
    instanceEpoch: folder.instanceEpoch,
    initial,
    apply: async (snapshot) => {
      await options.dataPlane.apply(snapshot)
      origin = 'controller'
    },
    persist: (snapshot) => folder.lastKnownGood.save(snapshot),
    onDraining: options.onDraining,
    log,
  })
  options.dataPlane.stats.add(session.stats)
  return {
    start: () => session.start(),
    reload: async () => log.info('nothing to reload: config comes from the controller'),
    drain: (draining) => session.drain(draining),
    stop: () => session.stop(),
    status: () => ({ source: origin, folder: folder.path, ...session.status }),
  }
}

/** The snapshot that now runs; null where there was none that could. */
async function applyLastKnownGood(folder: AgentFolder, dataPlane: DataPlane, log: Logger): Promise<Snapshot | null> {
  const loaded = await folder.lastKnownGood.load()
  switch (loaded.kind) {
    case 'none':
      return null
    case 'corrupt':
      log.error(
        { reason: loaded.reason, setAside: loaded.setAside },
        'last-known-good config is damaged: starting empty',
      )
      return null
    case 'found':
      try {
        await dataPlane.apply(loaded.snapshot)
        log.warn({ version: formatVersion(loaded.snapshot.version), source: 'disk' }, 'serving last-known-good config')
        return loaded.snapshot
      } catch (error) {
        log.error({ reason: (error as Error).message }, 'last-known-good config cannot be applied: starting empty')
        return null
      }
  }
}

function nodeOf({ workload, listeners }: AgentSettings): AgentNode {
  const inbound = listeners.inbound.map(({ host, port, ...application }) => ({
    ...application,
    bindAddress: host,
    bindPort: port,
  }))
  return { ...workload, inbound }
}

import type { Agent, SnapshotVersion } from '@fairlead/api-client'
import { ExitCode } from '../exit-code.js'
import { formatAge } from '../output/age.js'
import { colorsFor, type ColorWhen, type Colors } from '../output/color.js'
import { formatValue, type OutputFormat } from '../output/output-format.js'
import { formatLabels } from '../output/resource-table.js'
import { formatTable } from '../output/table.js'
import type { Session } from '../session.js'

export interface AgentsOptions {
  /** Without it: of all namespaces. */
  readonly namespace?: string
  readonly output: OutputFormat
  readonly headers: boolean
  readonly color?: ColorWhen
}

/** Who is connected, and what it runs. */
export async function listAgents(session: Session, options: AgentsOptions): Promise<number> {
  const agents = await session.client.agents(options.namespace)
  const list = { apiVersion: 'fairlead.io/v1', kind: 'AgentList', items: agents }
  if (options.output.type === 'name') {
    session.print(agents.map(({ metadata }) => `agent/${metadata.name}\n`).join(''))
    return ExitCode.ok
  }
  const text = await formatValue(list, options.output)
  if (text === null && agents.length === 0) session.say('no agent has joined yet')
  else session.print(text ?? agentTable(session, agents, options))
  return ExitCode.ok
}

export type AgentVerb = 'drain' | 'undrain' | 'forget'

const DONE: Readonly<Record<AgentVerb, string>> = { drain: 'draining', undrain: 'undrained', forget: 'forgotten' }

export async function changeAgent(session: Session, verb: AgentVerb, namespace: string, name: string): Promise<number> {
  const call = verb === 'forget' ? session.client.forgetAgent : session.client[verb]
  await call(namespace, name)
  session.print(`agent/${name} ${DONE[verb]}\n`)
  return ExitCode.ok
}

function agentTable(session: Session, agents: readonly Agent[], options: AgentsOptions): string {
  const wide = options.output.type === 'wide'
  const colors = colorsFor(session.terminal.stdout, session.terminal.env, options.color)
  const header = [
    ...['NAME', 'NAMESPACE', 'ZONE', 'VERSION', 'CONFIG', 'REVISION', 'LAST-SEEN'],
    ...(wide ? ['TARGET', 'ADDRESS', 'ROLE', 'ENDPOINT', 'LABELS', 'NACK'] : []),
  ]
  const rows = agents.map(({ metadata, spec, status }) => [
    metadata.name,
    metadata.namespace,
    spec.locality?.split('/')[1] || spec.locality || '-',
    status.agentVersion ?? '-',
    colorSync(status.sync, colors) + (status.draining ? ',DRAINING' : ''),
    wide ? formatVersion(status.version) : String(status.version?.revision ?? '-'),
    formatAge(status.lastSeen, session.terminal.now()),
    ...(wide
      ? [
          formatVersion(status.target),
          spec.address,
          spec.role,
          status.endpoint,
          formatLabels(metadata.labels),
          status.nack ? `${formatVersion(status.nack.version)}: ${status.nack.reason}` : '-',
        ]
      : []),
  ])
  return formatTable(options.headers ? header : null, rows)
}

function colorSync(sync: Agent['status']['sync'], colors: Colors): string {
  switch (sync) {
    case 'SYNCED':
      return colors.green(sync)
    case 'STALE':
      return colors.yellow(sync)
    case 'NACK':
      return colors.red(sync)
    case 'DISCONNECTED':
      return colors.dim(sync)
  }
}

/** `12.0.3`: revision, overlay, endpoints, as logs have it. */
function formatVersion(version: SnapshotVersion | null): string {
  return version === null ? '-' : `${version.revision}.${version.overlay}.${version.endpoints}`
}

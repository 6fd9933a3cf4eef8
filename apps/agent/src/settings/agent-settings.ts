import { PATH_NORMALIZATIONS, type PathNormalization } from '@fairlead/core/routing'
import { type Limits } from '../limits/limits.js'
import { readFlags, type FlagName, type FlagValues } from './flags.js'
import { parseLimits } from './limit-flags.js'
import {
  checkDistinct,
  parseAdmin,
  parseAuthority,
  parseInbound,
  parseOptional,
  parseOutboundBind,
  type Listeners,
} from './listeners.js'
import { isLoopback } from './socket-address.js'
import { defaultStateFolder, type HostFacts } from './state-folder.js'
import { UsageError } from './usage-error.js'
import { checkAddress, checkLocality, checkName, checkNamespace, parseLabels } from './workload-identity.js'

/** Who this agent is; the controller and the compiler see the same. */
export interface WorkloadIdentity {
  readonly name: string
  readonly namespace: string
  readonly labels: Readonly<Record<string, string>>
  readonly role: 'sidecar' | 'gateway'
  /** IP where other agents reach this host; empty when nothing is served here. */
  readonly address: string
  /** `region/zone/subzone`, possibly shorter or empty. */
  readonly locality: string
  readonly workloadGroup: string
}

/** Config comes from a controller over gRPC. */
export interface ControllerSource {
  readonly kind: 'controller'
  readonly host: string
  readonly port: number
  readonly tokenFile: string
  /** Null: plaintext, on loopback or by `--insecure-plaintext`. */
  readonly caFile: string | null
}

/** Config comes from YAML files of this host. */
export interface MeshSource {
  readonly kind: 'mesh'
  readonly path: string
  readonly domain: string
  readonly allowPending: boolean
}

export interface AgentSettings {
  readonly workload: WorkloadIdentity
  readonly source: ControllerSource | MeshSource
  readonly listeners: Listeners
  readonly pathNormalization: PathNormalization
  /** Proxies in front of a gateway whose `x-forwarded-*` are believed. */
  readonly trustedHops: number
  readonly limits: Limits
  /** `<state>`; the agent's own folder is `agents/<namespace>.<name>` in it. */
  readonly stateDir: string
  /** How long requests may take to finish after SIGTERM. */
  readonly drainMs: number
  readonly logLevel: LogLevel
}

export const LOG_LEVELS = ['trace', 'debug', 'info', 'warn', 'error'] as const
export type LogLevel = (typeof LOG_LEVELS)[number]

type Environment = Readonly<Record<string, string | undefined>>

/** Flags over environment over defaults, checked. Throws a UsageError. `help` and `version` come before any check. */
export function readSettings(
  argv: readonly string[],
  env: Environment,
  host: HostFacts,
): AgentSettings | 'help' | 'version' {
  const flags = readFlags(argv, env)
  if (isOn(flags, 'help')) return 'help'
  if (isOn(flags, 'version')) return 'version'
  refuseConcurrency(flags)
  const source = readSource(flags)
  const listeners = readListeners(flags, source.kind)
  return Object.freeze({
    workload: readWorkload(flags, host, source.kind, listeners),
    source,
    listeners,
    pathNormalization: oneOf(flags, 'path-normalization', PATH_NORMALIZATIONS, 'BASE'),
    trustedHops: readTrustedHops(flags),
    limits: parseLimits('--limit', flags.get('limit')!),
    stateDir: one(flags, 'state-dir') ?? defaultStateFolder(env, host),
    drainMs: readDrainMs(flags),
    logLevel: oneOf(flags, 'log-level', LOG_LEVELS, 'info'),
  })
}

function readSource(flags: FlagValues): ControllerSource | MeshSource {
  const controller = one(flags, 'controller')
  const path = one(flags, 'mesh')
  if (controller !== undefined && path !== undefined) throw new UsageError('--controller and --mesh exclude each other')
  if (controller !== undefined) return readController(flags, controller)
  if (path === undefined)
    throw new UsageError('where does the config come from? Give --controller HOST:PORT or --mesh FILE')
  refuseWith('--mesh', flags, ['token-file', 'ca-file', 'insecure-plaintext', 'workload-group'])
  return Object.freeze({
    kind: 'mesh',
    path,
    domain: checkName('--mesh-domain', one(flags, 'mesh-domain') ?? 'svc.cluster.local'),
    allowPending: isOn(flags, 'allow-pending'),
  })
}

function readController(flags: FlagValues, controller: string): ControllerSource {
  refuseWith('--controller', flags, ['allow-pending', 'mesh-domain'])
  const { host, port } = parseAuthority('--controller', controller)
  const tokenFile = one(flags, 'token-file')
  if (tokenFile === undefined) throw new UsageError('--controller needs --token-file with a join token')
  const caFile = one(flags, 'ca-file') ?? null
  const insecure = isOn(flags, 'insecure-plaintext')
  if (caFile !== null && insecure) throw new UsageError('--ca-file and --insecure-plaintext exclude each other')
  if (caFile === null && !insecure && !isLoopback(host)) {
    throw new UsageError(`--controller ${controller} is not loopback: give --ca-file, or --insecure-plaintext`)
  }
  return Object.freeze({ kind: 'controller', host, port, tokenFile, caFile })
}

function readListeners(flags: FlagValues, source: 'controller' | 'mesh'): Listeners {
  const defaultOf = (port: number) => (source === 'controller' ? `127.0.0.1:${port}` : 'none')
  const bindHost = one(flags, 'address') ?? '0.0.0.0'
  const outbound = one(flags, 'outbound')
  const listeners: Listeners = Object.freeze({
    inbound: flags.get('inbound')!.map((text) => parseInbound('--inbound', text, bindHost)),
    outbound: outbound === undefined ? null : parseOptional('--outbound', outbound),
    outboundBinds: flags.get('outbound-bind')!.map((text) => parseOutboundBind('--outbound-bind', text)),
    admin: parseAdmin('--admin', one(flags, 'admin') ?? defaultOf(15000)),
    health: parseOptional('--health', one(flags, 'health') ?? defaultOf(15021)),
    metrics: parseOptional('--metrics', one(flags, 'metrics') ?? defaultOf(15090)),
  })
  checkDistinct(listeners)
  return listeners
}

function readWorkload(
  flags: FlagValues,
  host: HostFacts,
  source: 'controller' | 'mesh',
  listeners: Listeners,
): WorkloadIdentity {
  const address = one(flags, 'address')
  if (address === undefined && source === 'controller' && listeners.inbound.length > 0) {
    throw new UsageError('--inbound needs --address: where other agents reach this host')
  }
  return Object.freeze({
    name: checkName('--name', one(flags, 'name') ?? host.hostname.toLowerCase()),
    namespace: checkNamespace('--namespace', one(flags, 'namespace') ?? 'default'),
    labels: parseLabels('--labels', one(flags, 'labels') ?? ''),
    role: oneOf(flags, 'role', ['sidecar', 'gateway'] as const, 'sidecar'),
    address: address === undefined ? '' : checkAddress('--address', address),
    locality: checkLocality('--locality', one(flags, 'locality') ?? ''),
    workloadGroup: one(flags, 'workload-group') ?? '',
  })
}

function readTrustedHops(flags: FlagValues): number {
  const text = one(flags, 'trusted-hops') ?? '0'
  if (!/^\d{1,2}$/.test(text)) throw new UsageError(`--trusted-hops: '${text}' is no whole number from 0 to 99`)
  if (text !== '0' && one(flags, 'role') !== 'gateway') throw new UsageError('--trusted-hops needs --role gateway')
  return Number(text)
}

function readDrainMs(flags: FlagValues): number {
  const text = one(flags, 'drain-seconds') ?? '10'
  if (!/^\d{1,4}$/.test(text)) throw new UsageError(`--drain-seconds: '${text}' is no whole number from 0 to 9999`)
  return Number(text) * 1000
}

function refuseConcurrency(flags: FlagValues): void {
  const text = one(flags, 'concurrency') ?? '1'
  if (!/^[1-9]\d{0,3}$/.test(text)) throw new UsageError(`--concurrency: '${text}' is no positive whole number`)
  if (text !== '1') throw new UsageError(`--concurrency ${text}: more than one core is not built yet; give 1`)
}

function refuseWith(mode: string, flags: FlagValues, names: readonly FlagName[]): void {
  const given = names.find((name) => flags.get(name)!.length > 0)
  if (given !== undefined) throw new UsageError(`--${given} has no meaning with ${mode}`)
}

function oneOf<T extends string>(flags: FlagValues, name: FlagName, allowed: readonly T[], otherwise: T): T {
  const text = one(flags, name) ?? otherwise
  const found = allowed.find((word) => word === text)
  if (found === undefined) throw new UsageError(`--${name}: '${text}' is none of ${allowed.join(', ')}`)
  return found
}

function one(flags: FlagValues, name: FlagName): string | undefined {
  return flags.get(name)![0]
}

function isOn(flags: FlagValues, name: FlagName): boolean {
  return flags.get(name)!.length > 0
}

import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { parse } from 'yaml'
import { z } from 'zod'
import { isLoopback, parseHostPort } from './host-port.js'
import { fileKey, type OptionName, options } from './options.js'
import type { Settings } from './settings.js'
import { defaultStateFolder } from './state-folder.js'

export const settingsFile = '/etc/fairlead/controller.yaml'

/** A setting is wrong; the message names each one as it was given, a line each. */
export class SettingsError extends Error {}

export interface SettingsSources {
  readonly flags: Readonly<Partial<Record<OptionName, string | boolean>>>
  readonly env: NodeJS.ProcessEnv
  /** Text of the settings file; null: there is none. */
  readonly file: string | null
}

/** Text of the settings file, or null when there is none. */
export function readSettingsFile(path = settingsFile): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return null
    throw new SettingsError(`${path} cannot be read: ${(error as Error).message}`)
  }
}

/** Flags win over the environment, the environment over the file, the file over the defaults. @throws SettingsError */
export function loadSettings(sources: SettingsSources): Settings {
  const { values, origins } = merge(sources)
  const parsed = schema(defaultStateFolder(sources.env)).safeParse(values)
  if (!parsed.success) {
    const lines = parsed.error.issues.map((issue) => {
      const name = issue.path[0] as OptionName | undefined
      return name === undefined ? issue.message : `${origins.get(name) ?? options[name].env}: ${issue.message}`
    })
    throw new SettingsError(lines.join('\n'))
  }
  return Object.freeze(toSettings(parsed.data))
}

/** What `--print-config` shows: every setting as it holds, secrets masked. */
export function printSettings(settings: Settings): string {
  const secrets: (keyof Settings)[] = ['apiToken', 'joinToken']
  return JSON.stringify(
    settings,
    (key, value: unknown) => {
      if (value !== null && secrets.includes(key as keyof Settings)) return '***'
      return key === 'databaseUrl' && typeof value === 'string' ? value.replace(/\/\/[^@/]*@/, '//***@') : value
    },
    2,
  )
}

function merge({ flags, env, file }: SettingsSources) {
  const values: Record<string, unknown> = {}
  const origins = new Map<OptionName, string>()
  const fromFile = file === null ? {} : parseFile(file)
  for (const name of Object.keys(options) as OptionName[]) {
    const found =
      name in flags
        ? [flags[name], options[name].flag.split(' ')[0]!]
        : env[options[name].env]
          ? [env[options[name].env], options[name].env]
          : [fromFile[fileKey(name)], `${settingsFile}: ${fileKey(name)}`]
    if (found[0] === undefined || found[0] === null) continue
    values[name] = found[0]
    origins.set(name, String(found[1]))
  }
  return { values, origins }
}

function parseFile(text: string): Record<string, unknown> {
  const known = new Set((Object.keys(options) as OptionName[]).map(fileKey))
  let value: unknown
  try {
    value = parse(text) ?? {}
  } catch (error) {
    throw new SettingsError(`${settingsFile}: ${(error as Error).message}`)
  }
  if (typeof value !== 'object' || Array.isArray(value)) throw new SettingsError(`${settingsFile}: expected a mapping`)
  const strange = Object.keys(value as object).filter((key) => !known.has(key))
  if (strange.length > 0) throw new SettingsError(`${settingsFile}: unknown ${strange.join(', ')}`)
  return value as Record<string, unknown>
}

const hostPort = z.string().transform((text, context) => {
  const parsed = parseHostPort(text)
  if (parsed !== null) return parsed
  context.addIssue({ code: 'custom', message: `"${text}" is not HOST:PORT` })
  return z.NEVER
})
const path = z
  .string()
  .min(1)
  .transform((text) => resolve(text))
const flag = z.union([z.boolean(), z.stringbool()])

function schema(stateFolder: string) {
  return z
    .strictObject({
      listen: hostPort.prefault('127.0.0.1:8080'),
      grpcListen: hostPort.prefault('127.0.0.1:15012'),
      stateDir: path.prefault(stateFolder),
      databaseUrl: z
        .string()
        .regex(/^postgres(ql)?:\/\//, 'expected postgres://...')
        .optional(),
      tlsCert: path.optional(),
      tlsKey: path.optional(),
      insecurePlaintext: flag.default(false),
      meshDomain: z
        .string()
        .regex(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, 'expected a DNS name in lower case')
        .default('svc.cluster.local'),
      keepRevisions: z.coerce.number().int().min(10).max(1_000_000).default(10_000),
      apiToken: z.string().min(1).optional(),
      apiTokenFile: path.optional(),
      joinToken: z.string().min(1).optional(),
      joinTokenFile: path.optional(),
      logLevel: z.enum(['debug', 'info', 'warn', 'error']).default('info'),
    })
    .superRefine((values, context) => {
      const refuse = (name: OptionName, message: string) => context.addIssue({ code: 'custom', path: [name], message })
      if ((values.tlsCert === undefined) !== (values.tlsKey === undefined)) {
        refuse(values.tlsCert === undefined ? 'tlsKey' : 'tlsCert', 'TLS needs both a certificate and a key')
      }
      for (const name of ['listen', 'grpcListen'] as const) {
        if (isLoopback(values[name].host) || values.tlsCert !== undefined || values.insecurePlaintext) continue
        refuse(name, `${values[name].host} is not loopback: give --tls-cert and --tls-key, or --insecure-plaintext`)
      }
    })
}

function toSettings(values: z.output<ReturnType<typeof schema>>): Settings {
  return {
    listen: values.listen,
    grpcListen: values.grpcListen,
    stateFolder: values.stateDir,
    databaseUrl: values.databaseUrl ?? null,
    tls: values.tlsCert && values.tlsKey ? { certFile: values.tlsCert, keyFile: values.tlsKey } : null,
    insecurePlaintext: values.insecurePlaintext,
    meshDomain: values.meshDomain,
    keepRevisions: values.keepRevisions,
    apiToken: values.apiToken ?? null,
    apiTokenFile: values.apiTokenFile ?? null,
    joinToken: values.joinToken ?? null,
    joinTokenFile: values.joinTokenFile ?? null,
    logLevel: values.logLevel,
  }
}

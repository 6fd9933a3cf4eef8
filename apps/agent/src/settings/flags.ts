import { parseArgs } from 'node:util'
import { UsageError } from './usage-error.js'

interface Flag {
  readonly name: string
  /** What stands for the value in the help; absent: a switch. */
  readonly value?: string
  /** May be given again and again; in the environment, separated by commas. */
  readonly multiple?: boolean
  readonly help: string
}

/**
 * The command line, in the order of the help. The environment variable of a flag is `FAIRLEAD_AGENT_` and its name in
 * capitals (`--token-file`: `FAIRLEAD_AGENT_TOKEN_FILE`); a flag wins over it, and it wins over the default.
 */
const flags = [
  { name: 'controller', value: 'HOST:PORT', help: 'take the config from this controller' },
  { name: 'token-file', value: 'FILE', help: 'join token; read again at each connect' },
  { name: 'ca-file', value: 'FILE', help: 'verify the controller against these certificates (PEM)' },
  { name: 'insecure-plaintext', help: 'allow a controller off loopback without TLS' },
  { name: 'mesh', value: 'FILE|DIR', help: 'no controller: take the config from YAML; SIGHUP reads it again' },
  { name: 'allow-pending', help: 'with --mesh: run also if a security policy is not enforced by this version' },
  { name: 'mesh-domain', value: 'DOMAIN', help: 'with --mesh: what short host names end in (svc.cluster.local)' },
  { name: 'name', value: 'NAME', help: 'name of this workload (the host name)' },
  { name: 'namespace', value: 'NS', help: 'its namespace (default)' },
  { name: 'labels', value: 'a=b,c=d', help: 'its labels, for workload selectors and subsets' },
  { name: 'workload-group', value: 'NAME', help: 'its workload group' },
  { name: 'address', value: 'IP', help: 'where other agents reach this host' },
  { name: 'locality', value: 'r/z/s', help: 'region, zone, subzone' },
  { name: 'role', value: 'ROLE', help: 'sidecar or gateway (sidecar)' },
  { name: 'inbound', value: 'BIND=[ADDR:]PORT', multiple: true, help: 'serve the local application port at BIND' },
  { name: 'outbound', value: 'LISTENER', help: 'HTTP proxy for local applications' },
  { name: 'outbound-bind', value: 'LISTENER=HOST:PORT', multiple: true, help: 'as if it were HOST:PORT of the mesh' },
  { name: 'path-normalization', value: 'MODE', help: 'NONE, BASE, MERGE_SLASHES, DECODE_AND_MERGE_SLASHES (BASE)' },
  { name: 'trusted-hops', value: 'N', help: 'gateway: proxies in front whose x-forwarded-* are believed (0)' },
  { name: 'admin', value: 'LISTENER', help: 'admin: loopback, unix:///PATH or none (127.0.0.1:15000)' },
  { name: 'health', value: 'LISTENER', help: 'health probes, or none (127.0.0.1:15021)' },
  { name: 'metrics', value: 'LISTENER', help: 'Prometheus metrics, or none (127.0.0.1:15090)' },
  { name: 'concurrency', value: 'N', help: 'processor cores to use: 1, more is not built yet' },
  { name: 'limit', value: 'NAME=VALUE', multiple: true, help: 'set a bound, for example headMs=5000 (docs/limits.md)' },
  { name: 'state-dir', value: 'DIR', help: 'where last-known-good config is kept' },
  { name: 'drain-seconds', value: 'N', help: 'how long requests may take to finish at the end (10)' },
  { name: 'log-level', value: 'LEVEL', help: 'trace, debug, info, warn, error (info)' },
  { name: 'help', help: 'show this' },
  { name: 'version', help: 'show the version' },
] as const satisfies readonly Flag[]

export type FlagName = (typeof flags)[number]['name']

/** What was given, before it is checked. An absent flag is an empty list; a switch that is on is `['true']`. */
export type FlagValues = ReadonlyMap<FlagName, readonly string[]>

/** Throws a UsageError for an unknown flag, a missing value, and a flag given twice that is no list. */
export function readFlags(argv: readonly string[], env: Readonly<Record<string, string | undefined>>): FlagValues {
  const given = parse(argv)
  return new Map(flags.map((flag: Flag & { name: FlagName }) => [flag.name, given[flag.name] ?? fromEnv(flag, env)]))
}

export function helpText(): string {
  const left = flags.map(({ name, ...flag }: Flag) => `  --${name}${flag.value === undefined ? '' : ` ${flag.value}`}`)
  const width = Math.max(...left.map((text) => text.length)) + 2
  return [
    'fairlead-agent: the proxy of a Fairlead mesh on one host.',
    '',
    '  fairlead-agent --controller HOST:PORT --token-file FILE [flags]',
    '  fairlead-agent --mesh FILE|DIR [flags]',
    '',
    ...flags.map(({ help }, i) => left[i]!.padEnd(width) + help),
    '',
    'LISTENER is ADDR:PORT, [IPV6]:PORT, or PORT on 127.0.0.1; BIND likewise, PORT alone on --address, else 0.0.0.0.',
    'With --mesh a listener that is not named is not opened. Lists may be given again and again.',
    'Each flag can come from the environment: --token-file from FAIRLEAD_AGENT_TOKEN_FILE, lists separated by commas.',
    '',
  ].join('\n')
}

function parse(argv: readonly string[]): Record<string, string[] | undefined> {
  // All are lists for the parser, so that a repeated one is seen and refused instead of silently overridden.
  const options = Object.fromEntries(
    flags.map(({ name, ...flag }: Flag) => [
      name,
      { type: flag.value === undefined ? ('boolean' as const) : ('string' as const), multiple: true },
    ]),
  )
  const values = parseOrRefuse(argv, options)
  for (const { name, multiple, value } of flags as readonly Flag[]) {
    if (value !== undefined && !multiple && (values[name]?.length ?? 0) > 1) {
      throw new UsageError(`--${name} is given twice`)
    }
  }
  return Object.fromEntries(Object.entries(values).map(([name, list]) => [name, list?.map(String)]))
}

type ParserOptions = Record<string, { type: 'boolean' | 'string'; multiple: true }>

function parseOrRefuse(
  argv: readonly string[],
  options: Record<string, { type: 'boolean' | 'string'; multiple: boolean }>,
) {
  try {
    return parseArgs({ args: [...argv], options: options as ParserOptions, strict: true, allowPositionals: false })
      .values
  } catch (error) {
    // The parser's messages go on with advice about positional arguments: the first sentence says it.
    throw new UsageError((error as Error).message.split(/[.\n]/)[0]!)
  }
}

function fromEnv(flag: Flag, env: Readonly<Record<string, string | undefined>>): readonly string[] {
  const name = `FAIRLEAD_AGENT_${flag.name.toUpperCase().replaceAll('-', '_')}`
  const value = env[name]
  if (value === undefined || value === '') return []
  if (flag.value === undefined && value !== 'true' && value !== 'false') {
    throw new UsageError(`${name}: expected true or false, not '${value}'`)
  }
  if (flag.value === undefined) return value === 'true' ? ['true'] : []
  return flag.multiple ? value.split(',') : [value]
}

import { Option, type Command } from 'commander'
import type { AgentsOptions, AgentVerb } from '../commands/agents.js'
import type { OutputFormat } from '../output/output-format.js'
import { parseDuration } from '../duration.js'
import {
  noHeadersFlag,
  outputFlag,
  parseLabels,
  parseRevisionOrHead,
  sessionOf,
  timeoutFlag,
  type Run,
} from './flags.js'

/** Agents, what they run, and what lets them join. */
export function addFleetCommands(program: Command, run: Run): void {
  addAgents(program, run)
  program
    .command('wait')
    .description('until all connected agents have acknowledged a revision; exit 8 on time-out')
    .addOption(new Option('--revision <revision>', 'a number, or head').argParser(parseRevisionOrHead).default('head'))
    .addOption(timeoutFlag('30s'))
    .action(async (options: { revision: number | 'head'; timeout: number }, command: Command) => {
      const { wait } = await import('../commands/wait.js')
      run.exitCode = await wait(sessionOf(command, run), options.revision, options.timeout)
    })
  addToken(program, run)
}

const VERBS: Readonly<Record<AgentVerb, string>> = {
  drain: 'withdraw its endpoint, then let connections finish',
  undrain: 'bring its endpoint back',
  forget: 'forget an agent that is not connected',
}

function addAgents(program: Command, run: Run): void {
  const agents = program
    .command('agents')
    .description('agents and what they run')
    .addOption(new Option('-n, --namespace <namespace>', 'default: all'))
    .addOption(outputFlag())
    .addOption(noHeadersFlag())
    .action(async (_: unknown, command: Command) => {
      const { listAgents } = await import('../commands/agents.js')
      run.exitCode = await listAgents(sessionOf(command, run), command.optsWithGlobals<AgentsOptions>())
    })
  for (const verb of Object.keys(VERBS) as AgentVerb[]) {
    agents
      .command(verb)
      .description(VERBS[verb])
      .argument('<name>')
      .action(async (name: string, _: unknown, command: Command) => {
        const { changeAgent } = await import('../commands/agents.js')
        const session = sessionOf(command, run)
        const { namespace } = command.optsWithGlobals<{ namespace?: string }>()
        run.exitCode = await changeAgent(session, verb, namespace ?? session.namespace, name)
      })
  }
}

interface CreateFlags {
  readonly type: 'api' | 'join'
  readonly namespace?: string
  readonly labels?: Readonly<Record<string, string>>
  readonly ttl?: number
  readonly output: OutputFormat
}

function addToken(program: Command, run: Run): void {
  const token = program.command('token').description('tokens of users (api) and of agents that join (join)')
  token
    .command('create')
    .description('make a token; its secret goes to stdout, once')
    .argument('<name>', 'of an api token: the author of the revisions that it writes')
    .addOption(new Option('--type <type>').choices(['api', 'join']).makeOptionMandatory())
    .addOption(new Option('-n, --namespace <namespace>', 'join: the namespace that agents may claim'))
    .addOption(new Option('--labels <labels>', 'join: labels that agents must claim, a=b,c=d').argParser(parseLabels))
    .addOption(new Option('--ttl <duration>', 'default: it does not expire').argParser(parseDuration))
    .addOption(outputFlag())
    .action(async (name: string, flags: CreateFlags, command: Command) => {
      const { createToken } = await import('../commands/token.js')
      const { type, namespace, labels, ttl, output } = flags
      if (type === 'api' && (namespace ?? labels)) command.error('error: --namespace and --labels are of join tokens')
      const session = sessionOf(command, run)
      const claim = type === 'join' ? { namespace: namespace ?? session.namespace, ...(labels ? { labels } : {}) } : {}
      const ttlSeconds = ttl === undefined ? {} : { ttlSeconds: Math.max(1, Math.round(ttl / 1000)) }
      run.exitCode = await createToken(session, { name, type, ...claim, ...ttlSeconds }, output)
    })
  token
    .command('list')
    .description('all tokens, without their secrets')
    .addOption(outputFlag())
    .addOption(noHeadersFlag())
    .action(async (flags: { output: OutputFormat; headers: boolean }, command: Command) => {
      const { listTokens } = await import('../commands/token.js')
      run.exitCode = await listTokens(sessionOf(command, run), flags.output, flags.headers)
    })
  token
    .command('revoke')
    .description('at once, for good')
    .argument('<name>')
    .action(async (name: string, _: unknown, command: Command) => {
      const { revokeToken } = await import('../commands/token.js')
      run.exitCode = await revokeToken(sessionOf(command, run), name)
    })
}

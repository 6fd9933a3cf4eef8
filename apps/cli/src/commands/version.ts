import type { Agent } from '@fairlead/api-client'
import { clientVersion } from '../client-version.js'
import { ExitCode } from '../exit-code.js'
import { formatValue, type OutputFormat } from '../output/output-format.js'
import type { Session } from '../session.js'
import type { Terminal } from '../terminal.js'

/** Versions of this command, of the controller and of the connected agents, and whether they differ. */
export async function version(open: () => Session, terminal: Terminal, output: OutputFormat): Promise<number> {
  const client = clientVersion()
  const people = output.type === 'table' || output.type === 'wide'
  // Before the server is asked: it may not answer.
  if (people) terminal.stdout.write(`client: ${client}\n`)
  const session = open()
  const server = await session.client.version()
  const agents = countVersions(await session.client.agents())
  const text = await formatValue({ client: { version: client }, server, agents }, output)
  const agentText = agents.map((found) => `${found.version} (${found.count})`).join(', ') || 'none connected'
  session.print(text ?? `server: ${server.version}\nagents: ${agentText}\n`)
  const others = agents.filter((found) => found.version !== server.version)
  if (client !== server.version) session.warn(`this client is ${client}, the server ${server.version}`)
  if (others.length > 0)
    session.warn(`agents differ from the server: ${others.map((found) => found.version).join(', ')}`)
  return ExitCode.ok
}

export async function clientOnly(terminal: Terminal, output: OutputFormat): Promise<number> {
  const client = clientVersion()
  terminal.stdout.write((await formatValue({ client: { version: client } }, output)) ?? `client: ${client}\n`)
  return ExitCode.ok
}

function countVersions(agents: readonly Agent[]): readonly { readonly version: string; readonly count: number }[] {
  const counts = new Map<string, number>()
  for (const { status } of agents) {
    if (!status.connected) continue
    const found = status.agentVersion ?? 'unknown'
    counts.set(found, (counts.get(found) ?? 0) + 1)
  }
  return [...counts].map(([found, count]) => ({ version: found, count }))
}

import { setTimeout as delay } from 'node:timers/promises'
import { ServerUnreachable, type Agent } from '@fairlead/api-client'
import { CommandFailure } from '../command-failure.js'
import { ExitCode } from '../exit-code.js'
import type { Session } from '../session.js'

const POLL_MS = 100

/** `wait --revision N|head`: until every connected agent has acknowledged at least that revision; exit 8 on time-out. */
export async function wait(session: Session, revision: number | 'head', timeoutMs: number): Promise<number> {
  const head = (await session.client.revision('head')).revision
  if (revision !== 'head' && revision > head) {
    throw new CommandFailure(ExitCode.notFound, `there is no revision ${revision} yet; the head is ${head}`)
  }
  return waitForRevision(session, revision === 'head' ? head : revision, timeoutMs)
}

export async function waitForRevision(session: Session, revision: number, timeoutMs: number): Promise<number> {
  const deadline = session.terminal.now() + timeoutMs
  let agents: readonly Agent[] = await session.client.agents()
  let behind = laggards(agents, revision)
  let lost: ServerUnreachable | null = null
  while (behind.length > 0 && session.terminal.now() < deadline) {
    await delay(POLL_MS)
    try {
      agents = await session.client.agents()
      behind = laggards(agents, revision)
      lost = null
    } catch (error) {
      // A controller that restarts meanwhile is no reason to give up before the time is.
      if (!(error instanceof ServerUnreachable)) throw error
      lost = error
    }
  }
  if (behind.length > 0) {
    session.say(
      `after ${timeoutMs / 1000} s, ${behind.length} of ${connected(agents).length} connected agents do not run revision ${revision}:`,
    )
    for (const agent of behind) session.say(`  ${describeLag(agent)}`)
    if (lost) session.say(lost.message)
    return ExitCode.timeout
  }
  const count = connected(agents).length
  session.say(count === 0 ? 'no agent is connected' : `${count} of ${count} connected agents run revision ${revision}`)
  return ExitCode.ok
}

function connected(agents: readonly Agent[]): readonly Agent[] {
  return agents.filter(({ status }) => status.connected)
}

function laggards(agents: readonly Agent[], revision: number): readonly Agent[] {
  return connected(agents).filter(({ status }) => (status.version?.revision ?? -1) < revision)
}

function describeLag({ metadata, status }: Agent): string {
  const at = status.version === null ? 'has no config yet' : `is at revision ${status.version.revision}`
  const refused = status.nack ? `; refused revision ${status.nack.version.revision}: ${status.nack.reason}` : ''
  return `${metadata.namespace}/${metadata.name} ${at}${refused}`
}

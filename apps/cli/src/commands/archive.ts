import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { ExitCode } from '../exit-code.js'
import type { Session } from '../session.js'

/** The whole store to stdout, as fast as it is read there. */
export async function exportArchive(session: Session): Promise<number> {
  await pipeline(session.client.exportArchive(), session.terminal.stdout, { end: false })
  return ExitCode.ok
}

/** Fills an empty controller. @param file `-` is stdin. */
export async function importArchive(session: Session, file: string): Promise<number> {
  const source = file === '-' ? session.terminal.stdin : createReadStream(file)
  const { revision, resources, revisions, tokens } = await session.client.importArchive(source)
  session.print(`imported ${resources} resources, ${revisions} revisions, ${tokens} tokens\n`)
  session.say(`revision ${revision}`)
  return ExitCode.ok
}

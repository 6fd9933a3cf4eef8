import { mkdtemp, realpath, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export interface TempFolder {
  readonly path: string
  remove(): Promise<void>
}

/** A folder of the test's own; the name tells whose it was if a crash leaves it behind. */
export async function tempFolder(name: string): Promise<TempFolder> {
  const path = await realpath(await mkdtemp(join(tmpdir(), `fairlead-${name}-`)))
  return { path, remove: () => rm(path, { recursive: true, force: true, maxRetries: 5 }) }
}

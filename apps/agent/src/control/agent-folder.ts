import { chmod, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { writeDurably } from './durable-file.js'
import { lockFolder, type ReleaseLock } from './folder-lock.js'
import { LastKnownGood } from './last-known-good.js'

/** What this agent keeps on its host. */
export interface AgentFolder {
  readonly path: string
  /** Greater than that of every earlier start on this folder. */
  readonly instanceEpoch: number
  readonly lastKnownGood: LastKnownGood
  release: ReleaseLock
}

/**
 * Opens `<stateDir>/agents/<namespace>.<name>` and locks it. A namespace has no dot, so two agents never share a
 * folder. Rejects with FolderLockedError, or where the folder cannot be made or written.
 */
export async function openAgentFolder(
  stateDir: string,
  workload: { readonly namespace: string; readonly name: string },
  nowMs: number,
): Promise<AgentFolder> {
  const path = join(stateDir, 'agents', `${workload.namespace}.${workload.name}`)
  await mkdir(path, { recursive: true, mode: 0o700 })
  await chmod(path, 0o700)
  const release = lockFolder(path)
  try {
    const instanceEpoch = await nextEpoch(join(path, 'epoch'), nowMs)
    return { path, instanceEpoch, lastKnownGood: new LastKnownGood(path), release }
  } catch (error) {
    release()
    throw error
  }
}

/** The clock, or one more than the last epoch where the clock stood or went back. */
async function nextEpoch(path: string, nowMs: number): Promise<number> {
  const last = Number(await readFile(path, 'utf8').catch(() => '0'))
  const epoch = Number.isSafeInteger(last) ? Math.max(nowMs, last + 1) : nowMs
  await writeDurably(path, `${epoch}\n`)
  return epoch
}

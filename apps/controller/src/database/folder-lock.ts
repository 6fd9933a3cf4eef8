import { randomUUID } from 'node:crypto'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'

/** The folder belongs to another running process. The message names it and says what to do. */
export class FolderInUse extends Error {}

export interface FolderLock {
  release(): Promise<void>
}

/**
 * Makes this process the only one on a folder. PGlite itself holds no lock, and two processes on one data folder lose
 * acknowledged writes. A lock whose holder is gone (killed, or the host was started anew) is taken over.
 * @throws FolderInUse while the holder runs.
 */
export async function lockFolder(path: string): Promise<FolderLock> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const mine: Holder = { pid: process.pid, started: await startOf(process.pid), token: randomUUID() }
  const created = await writeFile(path, JSON.stringify(mine), { flag: 'wx', mode: 0o600 }).then(
    () => true,
    (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') return false
      throw error
    },
  )
  if (!created) await takeOver(path, mine)
  return {
    release: async () => {
      if ((await readHolder(path))?.token === mine.token) await rm(path, { force: true })
    },
  }
}

interface Holder {
  readonly pid: number
  /** Tells a process from a later one with its pid; null where /proc is missing. */
  readonly started: string | null
  readonly token: string
}

async function takeOver(path: string, mine: Holder): Promise<void> {
  await refuseIfHeld(path, mine)
  const draft = `${path}.${mine.token}`
  await writeFile(draft, JSON.stringify(mine), { mode: 0o600 })
  await rename(draft, path)
  // Another process may have found the same dead holder: whoever renamed last has the lock, and both look again.
  await delay(100)
  await refuseIfHeld(path, mine)
}

async function refuseIfHeld(path: string, mine: Holder): Promise<void> {
  const holder = await readHolder(path)
  if (holder === null || holder.token === mine.token || !(await runs(holder))) return
  throw new FolderInUse(
    `${dirname(path)} is in use by process ${holder.pid}: stop that controller, or give this one its own --state-dir`,
  )
}

async function readHolder(path: string): Promise<Holder | null> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Partial<Holder> | null
    return typeof value?.pid === 'number' ? { started: null, token: '', ...value, pid: value.pid } : null
  } catch {
    // Gone, or cut off by a crash while it was written: nobody holds it.
    return null
  }
}

async function runs({ pid, started }: Holder): Promise<boolean> {
  try {
    process.kill(pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return started === null || started === (await startOf(pid))
}

/** Boot id and clock ticks from boot to the start of a process (proc(5), field 22 of stat). */
async function startOf(pid: number): Promise<string | null> {
  try {
    const stat = await readFile(`/proc/${pid}/stat`, 'utf8')
    const boot = await readFile('/proc/sys/kernel/random/boot_id', 'utf8')
    // The second field is the command in parentheses, and may hold spaces and parentheses itself.
    return `${boot.trim()} ${stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19]}`
  } catch {
    return null
  }
}

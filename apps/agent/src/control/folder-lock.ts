import { linkSync, readFileSync, renameSync, unlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'

/** Another live process holds the folder. */
export class FolderLockedError extends Error {
  constructor(
    readonly folder: string,
    readonly pid: number,
  ) {
    super(`${folder} is in use by process ${pid}`)
    this.name = 'FolderLockedError'
  }
}

/** Gives the folder back. Later calls do nothing. */
export type ReleaseLock = () => void

interface Holder {
  readonly pid: number
  /** Tells a process from a later one with the same pid. Empty where the platform does not say. */
  readonly startTime: string
}

/**
 * Takes `<folder>/lock` for this process. A lock whose process is gone is taken over. Synchronous, so that it can be
 * released while the process exits. Throws FolderLockedError.
 */
export function lockFolder(folder: string): ReleaseLock {
  const path = join(folder, 'lock')
  const mine = JSON.stringify({ pid: process.pid, startTime: startTimeOf(process.pid) } satisfies Holder)
  // A link appears with its content, so that nobody reads a lock that is half written.
  const aside = `${path}.${process.pid}`
  writeFileSync(aside, mine, { mode: 0o600 })
  try {
    while (!tryLink(aside, path)) removeIfStale(folder, path)
  } finally {
    unlinkSync(aside)
  }
  return () => {
    if (readIfThere(path) === mine) unlinkSync(path)
  }
}

function removeIfStale(folder: string, path: string): void {
  const seen = readIfThere(path)
  if (seen === null) return
  const holder = parseHolder(seen)
  if (holder !== null && isAlive(holder)) throw new FolderLockedError(folder, holder.pid)
  // Between reading and removing, another may have taken the stale lock over: what was moved away tells.
  const moved = `${path}.${process.pid}.stale`
  try {
    renameSync(path, moved)
  } catch (error) {
    if (isCode(error, 'ENOENT')) return
    throw error
  }
  if (readIfThere(moved) !== seen) tryLink(moved, path)
  unlinkSync(moved)
}

function tryLink(from: string, to: string): boolean {
  try {
    linkSync(from, to)
    return true
  } catch (error) {
    if (isCode(error, 'EEXIST')) return false
    throw error
  }
}

function parseHolder(text: string): Holder | null {
  try {
    const value = JSON.parse(text) as Partial<Holder> | null
    if (typeof value?.pid !== 'number' || typeof value.startTime !== 'string') return null
    return { pid: value.pid, startTime: value.startTime }
  } catch {
    return null
  }
}

function isAlive({ pid, startTime }: Holder): boolean {
  try {
    process.kill(pid, 0)
  } catch (error) {
    // EPERM: it lives, as another user.
    if (!isCode(error, 'EPERM')) return false
  }
  const current = startTimeOf(pid)
  return startTime === '' || current === '' || current === startTime
}

/** Field 22 of /proc/<pid>/stat, in clock ticks since boot: proc(5). The command before it may hold spaces and brackets. */
function startTimeOf(pid: number): string {
  const stat = readIfThere(`/proc/${pid}/stat`) ?? ''
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
}

function readIfThere(path: string): string | null {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    if (isCode(error, 'ENOENT') || isCode(error, 'ESRCH')) return null
    throw error
  }
}

function isCode(error: unknown, code: string): boolean {
  return (error as NodeJS.ErrnoException).code === code
}

import { chmod, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'

/** How this host's CLI finds a running controller without flags. */
export interface Discovery {
  readonly server: string
  readonly tokenFile: string | null
  readonly caFile?: string
  readonly pid: number
}

/**
 * Writes `<folder>/controller.json` (0600). The controller that started last is the one that is found; at its end an
 * earlier one that still runs is found again. Returns the removal, which leaves an entry of others alone.
 */
export async function announce(folder: string, discovery: Discovery): Promise<() => Promise<void>> {
  const path = join(folder, 'controller.json')
  const earlier = await read(path)
  await write(path, discovery)
  return async () => {
    if ((await read(path))?.pid !== discovery.pid) return
    if (earlier !== null && isRunning(earlier.pid)) await write(path, earlier)
    else await rm(path, { force: true })
  }
}

async function read(path: string): Promise<Discovery | null> {
  try {
    const value = JSON.parse(await readFile(path, 'utf8')) as Discovery | null
    return typeof value?.pid === 'number' ? value : null
  } catch {
    return null
  }
}

async function write(path: string, discovery: Discovery): Promise<void> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const draft = `${path}.${process.pid}`
  await writeFile(draft, `${JSON.stringify(discovery)}\n`, { mode: 0o600 })
  await chmod(draft, 0o600)
  await rename(draft, path)
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}

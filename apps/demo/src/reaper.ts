import { rmSync } from 'node:fs'
import { createInterface } from 'node:readline'
import { setTimeout as delay } from 'node:timers/promises'

const GRACE_MS = 8_000
const POLL_MS = 50

/**
 * Waits for the end of its stdin, which is the end of the demo however it came about, and then ends what is left of its
 * children and removes its folder. Told `+PID` and `-PID` on the way.
 */
export async function reap(input: NodeJS.ReadableStream, temporaryFolder: string | undefined): Promise<void> {
  const alive = new Set<number>()
  for await (const line of createInterface({ input })) {
    const pid = Number(line.slice(1))
    if (line.startsWith('+')) alive.add(pid)
    else alive.delete(pid)
  }
  for (const pid of [...alive].reverse()) signal(pid, 'SIGTERM')
  const deadline = Date.now() + GRACE_MS
  while (Date.now() < deadline && [...alive].some((pid) => signal(pid, 0))) await delay(POLL_MS)
  for (const pid of alive) signal(pid, 'SIGKILL')
  if (temporaryFolder !== undefined) rmSync(temporaryFolder, { recursive: true, force: true, maxRetries: 5 })
}

/** @returns whether there is such a process. */
function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  try {
    process.kill(pid, name)
    return true
  } catch {
    return false
  }
}

import { readFileSync } from 'node:fs'

const POLL_MS = 500
const ANCESTORS_MAX = 3

/**
 * Calls back once when the npm that runs us is gone. A signal to npm ends it and the shell between us, and that shell
 * passes nothing on: without this, `kill` of `npm start` would leave all of us behind. Not under npm: never calls, so
 * that a run may outlive the shell that started it.
 */
export function whenNpmEnds(env: NodeJS.ProcessEnv, onEnd: () => void): void {
  if (env['npm_lifecycle_event'] === undefined) return
  const before = ancestry()
  const timer = setInterval(() => {
    if (ancestry() === before) return
    clearInterval(timer)
    onEnd()
  }, POLL_MS)
  timer.unref()
}

/** Our ancestors up to npm, as one word; where there is no /proc, the parent alone. */
function ancestry(): string {
  const pids: number[] = []
  for (let pid = process.ppid; pids.length < ANCESTORS_MAX;) {
    pids.push(pid)
    const found = parentOf(pid)
    // npm names itself after its command: `npm start`.
    if (found === null || found.name.startsWith('npm')) break
    pid = found.parent
  }
  return pids.join(' ')
}

function parentOf(pid: number): { readonly name: string; readonly parent: number } | null {
  try {
    // `PID (NAME) STATE PPID ...`, where NAME may hold anything, parentheses too.
    const [, name = '', parent = ''] = /^\d+ \((.*)\) \S+ (\d+) /s.exec(readFileSync(`/proc/${pid}/stat`, 'utf8')) ?? []
    return { name, parent: Number(parent) }
  } catch {
    return null
  }
}

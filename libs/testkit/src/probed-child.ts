import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { type Child, startNode } from './child.js'

const preload = join(import.meta.dirname, '../preload/memory-probe.js')

/** A process that says what it holds. */
export interface ProbedChild extends Child {
  /** Heap and external memory in bytes, after a forced collection. */
  retainedBytes(): Promise<number>
  /** VmRSS, as it is. */
  rssBytes(): number
  /** Open socket descriptors. */
  sockets(): number
}

/** As `startNode`, for a process that logs to stdout. */
export function startProbed(script: string, args: readonly string[], env: NodeJS.ProcessEnv = {}): ProbedChild {
  const child = startNode('--expose-gc', ['--import', preload, script, ...args], env)
  const { pid } = child
  return {
    ...child,
    async retainedBytes() {
      const before = child.log.length
      const isNew = () => child.log.slice(before).some(({ msg }) => msg === 'memory')
      child.kill('SIGUSR2')
      await child.line('memory', () => isNew())
      const line = child.log.slice(before).find(({ msg }) => msg === 'memory')!
      return Number(line['heapUsed']) + Number(line['external'])
    },
    rssBytes() {
      return Number(/^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))![1]) * 1024
    },
    sockets() {
      const folder = `/proc/${pid}/fd`
      return readdirSync(folder).filter((fd) => linkOf(join(folder, fd)).startsWith('socket:')).length
    },
  }
}

function linkOf(path: string): string {
  try {
    return readlinkSync(path)
  } catch {
    // Closed meanwhile.
    return ''
  }
}

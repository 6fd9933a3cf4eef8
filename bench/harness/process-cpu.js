import { readFileSync } from 'node:fs'

/** The kernel reports in ticks of USER_HZ, 100 a second on every Linux of today. */
const TICK_US = 10_000

/** Microseconds of CPU (user and system) that a process and its living children have used so far. */
export function cpuMicroseconds(pid) {
  return processTree(pid).reduce((sum, each) => sum + ownMicroseconds(each), 0)
}

/** The process and its descendants. */
export function processTree(pid) {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').split(' ').filter(Boolean).map(Number)
  return [pid, ...children.flatMap(processTree)]
}

/** Bytes of memory that a process and its children have resident. */
export function residentBytes(pid) {
  return processTree(pid).reduce((sum, each) => {
    const kib = /^VmRSS:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${each}/status`, 'utf8'))
    return sum + Number(kib[1]) * 1024
  }, 0)
}

function ownMicroseconds(pid) {
  const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
  // The second field is the program's name in parentheses and may hold anything; utime and stime are fields 14 and 15.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  return (Number(fields[11]) + Number(fields[12])) * TICK_US
}

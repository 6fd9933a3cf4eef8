// Loaded into an agent by `--import`, with --expose-gc: on SIGUSR2 it prints how many bytes are allocated, collects the
// garbage, and prints how many are left: what is allocated until the next signal begins there.
import { constants, PerformanceObserver } from 'node:perf_hooks'

let unforced = 0
const isUnforced = ({ detail }) => (detail.flags & constants.NODE_PERFORMANCE_GC_FLAGS_FORCED) === 0
const observer = new PerformanceObserver((list) => (unforced += list.getEntries().filter(isUnforced).length))
observer.observe({ entryTypes: ['gc'] })

process.on('SIGUSR2', () => {
  const before = allocatedBytes()
  gc()
  const line = { msg: 'heap', before, after: allocatedBytes(), unforced }
  process.stdout.write(`${JSON.stringify(line)}\n`)
})

function allocatedBytes() {
  const { heapUsed, external } = process.memoryUsage()
  return heapUsed + external
}

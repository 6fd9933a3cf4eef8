import { parseArgs } from 'node:util'
import { disagreement } from '../../apps/agent/src/http1/testdata/boundary-check.js'
import { mutatedInput } from '../../apps/agent/src/http1/testdata/message-mutator.js'

/*
 * npm run fuzz -- http1 [--inputs N] [--seed N] [--from INDEX]: mutated messages through both parsers, compared with
 * llhttp and a reader made of strings. Fails on a disagreement, a growing heap, or (in tools/fuzz.js) a standstill.
 * An input is known by seed and index: --from INDEX --inputs 1 repeats it.
 */
const { values } = parseArgs({
  options: {
    inputs: { type: 'string', default: '300000' },
    seed: { type: 'string', default: '1' },
    from: { type: 'string', default: '0' },
  },
})
const inputs = Number(values.inputs)
const seed = Number(values.seed)
const from = Number(values.from)

/** Until then code is compiled and tables are filled. */
const WARM_UP_INPUTS = 50_000
const HEAP_GROWTH_BYTES_MAX = 2 * 1024 * 1024
const REPORTS_MAX = 10
/** Often enough for who watches over us. */
const PROGRESS_INPUTS = 10_000

let disagreements = 0
let heapBefore = heapBytes()
const start = process.hrtime.bigint()
for (let index = from; index < from + inputs; index++) {
  const found = disagreement(mutatedInput(seed, index))
  if (found !== null && ++disagreements <= REPORTS_MAX) process.stdout.write(`input ${index}: ${found}\n`)
  const done = index - from + 1
  if (done === WARM_UP_INPUTS) heapBefore = heapBytes()
  if (done % PROGRESS_INPUTS === 0) process.send?.(index + 1)
}
const seconds = Number(process.hrtime.bigint() - start) / 1e9
const heapAfter = heapBytes()
const grows = inputs > WARM_UP_INPUTS && heapAfter - heapBefore > HEAP_GROWTH_BYTES_MAX

process.stdout.write(
  [
    `inputs ${inputs}, seed ${seed}, from ${from}`,
    `disagreements ${disagreements}`,
    `heap ${heapBefore} bytes after ${Math.min(inputs, WARM_UP_INPUTS)} inputs, ${heapAfter} at the end${grows ? ': GROWS' : ''}`,
    `${Math.round(inputs / seconds)} inputs/s`,
    '',
  ].join('\n'),
)
process.exitCode = disagreements > 0 || grows ? 1 : 0
process.disconnect?.()

function heapBytes(): number {
  globalThis.gc?.()
  globalThis.gc?.()
  return process.memoryUsage().heapUsed
}

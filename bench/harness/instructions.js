import { execFile } from 'node:child_process'
import { promisify } from 'node:util'

/**
 * Instructions that one more turn of a script's loop costs, by callgrind: the script is run with `count` and with
 * twice as many turns as its last argument, and all that is no turn (start, compilation, building) falls out of the
 * difference. Random seeds are fixed and V8 compiles in the one thread, so that two runs give the same figure.
 */
export async function instructionsPerTurn({ valgrind, script, args, count }) {
  const once = await instructions(valgrind, [script, ...args, `${count}`])
  const twice = await instructions(valgrind, [script, ...args, `${2 * count}`])
  return (twice - once) / count
}

async function instructions(valgrind, args) {
  const callgrind = ['--tool=callgrind', '--callgrind-out-file=/dev/null', '--smc-check=all-non-file']
  const node = [process.execPath, '--predictable', '--single-threaded', '--hash-seed=1', '--random-seed=1']
  const { stderr } = await promisify(execFile)(valgrind, [...callgrind, ...node, ...args])
  return Number(/Collected : (\d+)/.exec(stderr)[1])
}

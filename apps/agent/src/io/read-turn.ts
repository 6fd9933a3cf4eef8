// HOT: runs per request. Measure before and after.
import { performance } from 'node:perf_hooks'

/** Something that may wait for the end of the turn. */
export interface TurnTask {
  endOfTurn(): void
}

const NOT_IN_TURN = -1
let nowMs = NOT_IN_TURN
/** `tasks[0..taskCount)` wait; the rest is kept, since to shorten an array costs a call into the engine. */
let tasks: TurnTask[] = []
let taskCount = 0
let spareTasks: TurnTask[] = []

/**
 * A turn is the time in which the bytes of one read are handled. It has one time, and one end at which what was put
 * aside is done: a request asks for the time some six times and puts a head aside twice, and both a read of the clock
 * and a `process.nextTick` cost more than what they serve. Turns do not nest.
 */
export function beginTurn(): void {
  nowMs = performance.now()
}

export function endTurn(): void {
  nowMs = NOT_IN_TURN
  if (taskCount > 0) runTasks()
}

/** Monotonic milliseconds: that of the turn, or the clock's outside of one. */
export function turnNowMs(): number {
  return nowMs === NOT_IN_TURN ? performance.now() : nowMs
}

/** Calls `task.endOfTurn` at the end of this turn, or of this callback from the event loop where there is no turn. */
export function atEndOfTurn(task: TurnTask): void {
  if (nowMs === NOT_IN_TURN) process.nextTick(runTask, task)
  else tasks[taskCount++] = task
}

function runTasks(): void {
  const due = tasks
  const count = taskCount
  tasks = spareTasks
  taskCount = 0
  for (let i = 0; i < count; i++) due[i]!.endOfTurn()
  spareTasks = due
}

function runTask(task: TurnTask): void {
  task.endOfTurn()
}

// HOT: runs per request. Measure before and after.

/** Something that may wait for the end of the turn. */
export interface TurnTask {
  endOfTurn(): void
}

const NOT_IN_TURN = -1
let nowMs = NOT_IN_TURN
let tasks: TurnTask[] = []
let running: TurnTask[] = []

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
  if (tasks.length > 0) runTasks()
}

/** Monotonic milliseconds: that of the turn, or the clock's outside of one. */
export function turnNowMs(): number {
  return nowMs === NOT_IN_TURN ? performance.now() : nowMs
}

/** Calls `task.endOfTurn` at the end of this turn, or of this callback from the event loop where there is no turn. */
export function atEndOfTurn(task: TurnTask): void {
  if (nowMs === NOT_IN_TURN) process.nextTick(runTask, task)
  else tasks.push(task)
}

function runTasks(): void {
  const due = tasks
  tasks = running
  running = due
  for (let i = 0; i < due.length; i++) due[i]!.endOfTurn()
  due.length = 0
}

function runTask(task: TurnTask): void {
  task.endOfTurn()
}

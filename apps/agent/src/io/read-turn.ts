// HOT: runs per request. Measure before and after.
import { performance } from 'node:perf_hooks'

/** Something that was put aside. */
export interface TurnTask {
  endOfTurn(): void
}

const NOT_IN_TURN = -1
/** Turns in one pass of the event loop from which on it counts as busy: less is not worth a `setImmediate`. */
const BUSY_TURNS = 16
/** How often, in turns, a loop that is not busy is looked at. */
const PROBE_TURNS = 256
/** Tasks that wait at the most: a pass over a thousand sockets must not hold the first answer until its end. */
const TASKS_MAX = 128

let nowMs = NOT_IN_TURN
/** `tasks[0..taskCount)` wait; the rest is kept, since to shorten an array costs a call into the engine. */
let tasks: TurnTask[] = []
let taskCount = 0
let spareTasks: TurnTask[] = []
/** What is put aside waits for the end of the pass, not only of the turn. */
let busy = false
/** `onPassEnd` will be called behind the last read of this pass. */
let awaitsPassEnd = false
let turnsOfPass = 0
let turnsUntilProbe = PROBE_TURNS

/**
 * A turn is the time in which the bytes of one read are handled. It has one time, and one end at which what was put
 * aside is done: a request asks for the time some six times and puts a head aside twice, and both a read of the clock
 * and a `process.nextTick` cost more than what they serve. Turns do not nest.
 *
 * On a busy loop the end is that of its pass: all sockets that are ready are read, then all that is to be written is
 * written. A peer is then woken once for many messages, not once for each (HAProxy does the same): 1.5 us less CPU of
 * 20.7 a request with 64 connections. With few of them it would cost as much, so the loop is watched.
 */
export function beginTurn(): void {
  nowMs = performance.now()
}

export function endTurn(): void {
  nowMs = NOT_IN_TURN
  turnsOfPass++
  if (busy) {
    if (taskCount >= TASKS_MAX) runTasks()
    if (!awaitsPassEnd) awaitPassEnd()
    return
  }
  if (taskCount > 0) runTasks()
  if (--turnsUntilProbe === 0) awaitPassEnd()
}

/** Whether what is put aside now may wait for turns of other sockets. */
export function turnIsBusy(): boolean {
  return busy && nowMs !== NOT_IN_TURN
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

function awaitPassEnd(): void {
  awaitsPassEnd = true
  turnsOfPass = 0
  setImmediate(onPassEnd)
}

function onPassEnd(): void {
  awaitsPassEnd = false
  busy = turnsOfPass >= BUSY_TURNS
  turnsUntilProbe = PROBE_TURNS
  if (taskCount > 0) runTasks()
}

/** Last in, first out: so the output slab, which is a stack, gets its room back. */
function runTasks(): void {
  const due = tasks
  const count = taskCount
  tasks = spareTasks
  taskCount = 0
  for (let i = count - 1; i >= 0; i--) due[i]!.endOfTurn()
  spareTasks = due
}

function runTask(task: TurnTask): void {
  task.endOfTurn()
}

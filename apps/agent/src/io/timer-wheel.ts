// HOT: runs per request. Measure before and after.
import { turnNowMs } from './read-turn.js'

/** Called at most once for each `arm`; may arm the timer again. */
export interface TimerOwner {
  onTimer(timer: Timer): void
}

/** Where a wheel takes its time from. Tests bring their own. */
export interface WheelClock {
  /** Milliseconds that only grow. */
  now(): number
  /** Calls `tick` every `intervalMs` until the returned function is called. */
  every(intervalMs: number, tick: () => void): () => void
}

const TICK_MS = 10
const SLOTS = 512
const SLOT_MASK = SLOTS - 1
/**
 * After a blocked event loop the wheel walks at most this far in one turn, so that sockets are read in between: a peer
 * whose bytes already wait in the kernel must not be timed out because we were slow.
 */
const CATCH_UP_TICKS = 16
const UNARMED = -1
/** Index behind the slots: the list that is being walked. */
const DUE = SLOTS

/** One deadline, embedded in the object that it watches over. Arming again moves it; nothing is allocated. */
export class Timer {
  /** Tick at which to fire; `UNARMED` while linked but cancelled. Read and written by the wheel. */
  deadline = UNARMED
  slot = UNARMED
  previous: Timer | null = null
  next: Timer | null = null

  constructor(
    private readonly wheel: TimerWheel,
    readonly owner: TimerOwner,
  ) {}

  get armed(): boolean {
    return this.deadline !== UNARMED
  }

  /** Fires `onTimer` after at least `ms`, and at most some ticks later. Replaces what was armed before. */
  arm(ms: number): void {
    this.wheel.arm(this, ms)
  }

  /** O(1) and lazy: the timer stays in its slot, which is cheap if it is armed again soon. */
  cancel(): void {
    this.deadline = UNARMED
  }

  /** Cancels and leaves the wheel at once, so that it no longer keeps the owner alive. */
  release(): void {
    this.wheel.release(this)
  }
}

/** A coarse hashed wheel: 10 ms ticks, one interval for all timers, running only while one is in the wheel. */
export class TimerWheel {
  private readonly slots: (Timer | null)[] = new Array<Timer | null>(SLOTS + 1).fill(null)
  private readonly tick = () => this.advance()
  private stopInterval: (() => void) | null = null
  private current = 0
  private linked = 0

  constructor(private readonly clock: WheelClock = processClock) {}

  /** Timers in the wheel, cancelled ones included. */
  get size(): number {
    return this.linked
  }

  arm(timer: Timer, ms: number): void {
    const now = Math.floor(this.clock.now() / TICK_MS)
    const deadline = now + Math.ceil(ms / TICK_MS) + 1
    if (this.stopInterval === null) this.start(now)
    timer.deadline = deadline
    // A later deadline needs no move: the visit of the old slot files it anew.
    if (timer.slot !== UNARMED) {
      if (timer.slot !== DUE && this.visitOf(timer.slot) <= deadline) return
      this.unlink(timer)
    }
    this.link(timer)
  }

  release(timer: Timer): void {
    timer.deadline = UNARMED
    if (timer.slot === UNARMED) return
    this.unlink(timer)
    if (this.linked === 0) this.stop()
  }

  private start(now: number): void {
    this.current = now
    this.stopInterval = this.clock.every(TICK_MS, this.tick)
  }

  private stop(): void {
    this.stopInterval?.()
    this.stopInterval = null
  }

  /** The next tick at which `slot` is walked. */
  private visitOf(slot: number): number {
    return this.current + 1 + ((slot - this.current - 1) & SLOT_MASK)
  }

  private advance(): void {
    const target = Math.floor(this.clock.now() / TICK_MS)
    const last = Math.min(target, this.current + CATCH_UP_TICKS)
    while (this.current < last) {
      this.current++
      this.walk(this.current & SLOT_MASK)
    }
    if (this.linked === 0) this.stop()
  }

  private walk(slot: number): void {
    let timer = this.slots[slot]!
    if (timer === null) return
    // Moved aside first: what a callback arms belongs to a later turn, and what it releases leaves this list.
    this.slots[slot] = null
    this.slots[DUE] = timer
    for (let each: Timer | null = timer; each !== null; each = each.next) each.slot = DUE
    while ((timer = this.slots[DUE]!) !== null) {
      this.unlink(timer)
      if (timer.deadline === UNARMED) continue
      if (timer.deadline > this.current) this.link(timer)
      else this.fire(timer)
    }
  }

  private fire(timer: Timer): void {
    timer.deadline = UNARMED
    timer.owner.onTimer(timer)
  }

  private link(timer: Timer): void {
    const slot = timer.deadline & SLOT_MASK
    const head = this.slots[slot]!
    timer.slot = slot
    timer.previous = null
    timer.next = head
    if (head !== null) head.previous = timer
    this.slots[slot] = timer
    this.linked++
  }

  private unlink(timer: Timer): void {
    if (timer.previous !== null) timer.previous.next = timer.next
    else this.slots[timer.slot] = timer.next
    if (timer.next !== null) timer.next.previous = timer.previous
    timer.previous = null
    timer.next = null
    timer.slot = UNARMED
    this.linked--
  }
}

const processClock: WheelClock = {
  now: turnNowMs,
  every(intervalMs, tick) {
    const interval = setInterval(tick, intervalMs)
    // Deadlines never keep a process alive: sockets do.
    interval.unref()
    return () => clearInterval(interval)
  },
}

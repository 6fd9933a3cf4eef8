import { type ByteStream } from '../io/byte-stream.js'
import { Timer, type TimerOwner, type TimerWheel } from '../io/timer-wheel.js'
import { type Http1Limits } from './limits.js'

/**
 * The deadline of a peer that does not keep up: in each `writeStallMs` it takes `writeStallBytes`, or all that waited for
 * it at first. What it took is asked of the stream when the time is up, so that writing costs nothing more.
 */
export class WriteWatch implements TimerOwner {
  private readonly timer: Timer
  /** What the kernel had accepted when the span began. */
  private takenBefore = 0
  /** What it must have accepted for the peer to owe nothing. */
  private owed = 0

  constructor(
    private readonly stream: ByteStream,
    private readonly onStalled: { onWriteStalled(): void },
    wheel: TimerWheel,
    private readonly limits: Http1Limits,
  ) {
    this.timer = new Timer(wheel, this)
  }

  /** The peer is being waited for. */
  get active(): boolean {
    return this.timer.armed && this.stream.bufferedBytes > 0
  }

  /** Something is left in the buffer. */
  begin(): void {
    if (!this.timer.armed || this.taken >= this.owed) this.beginSpan()
  }

  release(): void {
    this.timer.release()
  }

  onTimer(): void {
    if (this.stream.bufferedBytes === 0) return
    const { taken } = this
    if (taken >= this.owed || taken - this.takenBefore >= this.limits.writeStallBytes) this.beginSpan()
    else this.onStalled.onWriteStalled()
  }

  private get taken(): number {
    return this.stream.sentBytes - this.stream.bufferedBytes
  }

  private beginSpan(): void {
    this.takenBefore = this.taken
    this.owed = this.stream.sentBytes
    this.timer.arm(this.limits.writeStallMs)
  }
}

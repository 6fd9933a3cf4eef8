// HOT: runs per request. Measure before and after.
import { byteView } from './byte-view.js'
import { type OutputSlab, releaseOutput, reserveOutput, takeOutput } from './output-slab.js'
import { atEndOfTurn, turnIsBusy, type TurnTask } from './read-turn.js'

/** What a codec hears of its connection. */
export interface ByteStreamHandler {
  /** `buffer[start..end)` was read. The buffer is shared by all connections and valid during this call only. */
  onBytes(buffer: Buffer, start: number, end: number): void
  /** After a `false` from `write`: the buffered bytes fell below the low-water mark. */
  onWritable(): void
  /** The peer will send no more (FIN). Writing is still possible. */
  onEnd(): void
  /** Once, last. `hadError`: the connection was reset or failed. */
  onClose(hadError: boolean): void
}

/**
 * A connected byte stream. Born paused: whoever sets `handler` calls `resume()` when it is ready to read.
 * Nothing is called from within `write`, `stage`, `pause`, `resume`, `end` or `destroy`.
 */
export interface ByteStream {
  handler: ByteStreamHandler
  readonly remoteAddress: string
  readonly remotePort: number
  readonly localAddress: string
  readonly localPort: number
  /** Bytes that were taken and not yet accepted by the kernel. */
  readonly bufferedBytes: number
  /** Bytes that ever left for the kernel or its queue. Staged bytes do not count yet. */
  readonly sentBytes: number
  readonly closed: boolean
  /** `write` or `stage` said false, and `onWritable` has not come yet. */
  readonly congested: boolean
  /** Has `bufferedBytes` added to `values[index]` as well, a gauge that many streams share. Once, at first. */
  countBuffered(values: Float64Array, index: number): void
  /**
   * Takes `bytes[start..end)` before it returns, after what was staged; on a busy event loop they leave at the end of
   * its pass. False: more than the high-water mark is buffered; wait for `onWritable`. Bytes built in place at the
   * current output slab's position are not copied.
   */
  write(bytes: Uint8Array, start: number, end: number): boolean
  /** As `write`, but the bytes may wait for the next write, at most until the end of this pass of the event loop. */
  stage(bytes: Uint8Array, start: number, end: number): boolean
  pause(): void
  resume(): void
  /** Half-close, after everything taken so far was sent. */
  end(): void
  destroy(): void
  /** As `destroy`, with RST where there is one: what the peer has got is not to be taken for the whole. */
  reset(): void
}

/** Above: `write` says false. */
export const HIGH_WATER_BYTES = 64 * 1024
/** Below, after a `false`: `onWritable`. */
export const LOW_WATER_BYTES = 16 * 1024
/**
 * Ranges that wait for the kernel, a stream, above which `write` says false too: each costs a write request and pins
 * a slab, however few its bytes are.
 */
const QUEUED_RANGES_MAX = 32
const QUEUED_RANGES_LOW = 8

/** More than this does not wait for the end of a busy turn. */
const STAGED_BYTES_MAX = 16 * 1024

/** Taking, staging and counting, over whatever really sends. */
export abstract class BufferedByteStream implements ByteStream, TurnTask {
  handler: ByteStreamHandler = unhandled
  bufferedBytes = 0
  sentBytes = 0
  closed = false
  congested = false
  protected ending = false
  private queuedRanges = 0
  private gauge: Float64Array = ungauged
  private gaugeIndex = 0
  private stagedSlab: OutputSlab | null = null
  private stagedStart = 0
  private stagedEnd = 0
  private flushScheduled = false

  abstract readonly remoteAddress: string
  abstract readonly remotePort: number
  abstract readonly localAddress: string
  abstract readonly localPort: number
  abstract pause(): void
  abstract resume(): void

  /**
   * Sends `slab.buffer[start..end)`. True: the kernel has it. False: it is queued, and `onSent` follows once, later,
   * also when the stream is closed before.
   */
  protected abstract send(slab: OutputSlab, start: number, end: number): boolean
  protected abstract endSocket(): void
  protected abstract destroySocket(): void
  protected abstract resetSocket(): void

  countBuffered(values: Float64Array, index: number): void {
    this.gauge = values
    this.gaugeIndex = index
  }

  write(bytes: Uint8Array, start: number, end: number): boolean {
    this.stage(bytes, start, end)
    if (!turnIsBusy() || this.stagedEnd - this.stagedStart > STAGED_BYTES_MAX) this.flush()
    return this.hasRoom()
  }

  stage(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.closed || this.ending || start === end) return true
    const length = end - start
    const slab = reserveOutput(length)
    const at = slab.position
    if (bytes !== slab.buffer || start !== at) slab.buffer.set(byteView(bytes, start, end), at)
    if (this.stagedSlab === slab && this.stagedEnd === at) {
      slab.position = this.stagedEnd = at + length
      return this.hasRoom()
    }
    this.flush()
    takeOutput(slab, at + length)
    this.stagedSlab = slab
    this.stagedStart = at
    this.stagedEnd = at + length
    if (!this.flushScheduled) {
      this.flushScheduled = true
      atEndOfTurn(this)
    }
    return this.hasRoom()
  }

  end(): void {
    if (this.closed || this.ending) return
    this.flush()
    this.ending = true
    this.endSocket()
  }

  destroy(): void {
    if (this.closed) return
    this.dropStaged()
    this.closed = true
    this.destroySocket()
  }

  reset(): void {
    if (this.closed) return
    this.dropStaged()
    this.closed = true
    this.resetSocket()
  }

  /** Sends what is staged. */
  flush(): void {
    const slab = this.stagedSlab
    if (slab === null) return
    this.stagedSlab = null
    const length = this.stagedEnd - this.stagedStart
    if (this.closed) return releaseOutput(slab, this.stagedStart, this.stagedEnd)
    this.sentBytes += length
    if (this.send(slab, this.stagedStart, this.stagedEnd)) releaseOutput(slab, this.stagedStart, this.stagedEnd)
    else this.onQueued(length)
  }

  /** For implementations: a queued range was accepted by the kernel, or never will be. */
  protected onSent(slab: OutputSlab, start: number, end: number): void {
    releaseOutput(slab, start, end)
    this.queuedRanges--
    this.bufferedBytes -= end - start
    this.gauge[this.gaugeIndex]! -= end - start
    if (!this.congested || this.closed) return
    if (this.bufferedBytes > LOW_WATER_BYTES || this.queuedRanges > QUEUED_RANGES_LOW) return
    this.congested = false
    this.handler.onWritable()
  }

  /** For implementations: the socket is gone. */
  protected onSocketClose(hadError: boolean): void {
    this.dropStaged()
    this.closed = true
    this.handler.onClose(hadError)
  }

  endOfTurn(): void {
    this.flushScheduled = false
    this.flush()
  }

  private onQueued(bytes: number): void {
    this.queuedRanges++
    this.bufferedBytes += bytes
    this.gauge[this.gaugeIndex]! += bytes
  }

  private hasRoom(): boolean {
    if (this.bufferedBytes <= HIGH_WATER_BYTES && this.queuedRanges < QUEUED_RANGES_MAX) return true
    this.congested = true
    return false
  }

  private dropStaged(): void {
    if (this.stagedSlab === null) return
    releaseOutput(this.stagedSlab, this.stagedStart, this.stagedEnd)
    this.stagedSlab = null
  }
}

/** Where streams count that nobody reads. */
const ungauged = new Float64Array(1)

const unhandled: ByteStreamHandler = {
  onBytes: () => {
    throw new Error('bytes were read before a handler was set')
  },
  onWritable: () => {},
  onEnd: () => {},
  onClose: () => {},
}

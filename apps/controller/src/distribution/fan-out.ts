import { setImmediate as nextTurn } from 'node:timers/promises'
import { Injectable, Logger, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { AgentStream } from './agent-stream.js'
import { connectedAgents } from './metrics.js'
import { SnapshotSource } from './snapshot-source.js'

/** The event loop belongs to others after so long. */
const SLICE_MS = 5

/**
 * Every admitted stream, and the rounds in which they are brought forward. A round goes to the newest state with all of
 * them, in short slices; what changes meanwhile is for the next round, so that a burst costs two rounds and not many.
 */
@Injectable()
export class FanOut implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #logger = new Logger(FanOut.name)
  readonly #streams = new Set<AgentStream>()
  /** In order of arrival; a stream is in it once, however much has changed. */
  readonly #due = new Set<AgentStream>()
  readonly #progressListeners = new Set<() => void>()
  #isRunning = false
  #unsubscribe: (() => void) | undefined

  constructor(private readonly source: SnapshotSource) {}

  onApplicationBootstrap(): void {
    this.#unsubscribe = this.source.subscribe(() => this.#changed())
  }

  onModuleDestroy(): void {
    this.#unsubscribe?.()
    this.#due.clear()
  }

  get streams(): ReadonlySet<AgentStream> {
    return this.#streams
  }

  add(stream: AgentStream): void {
    this.#streams.add(stream)
    connectedAgents.set(this.#streams.size)
    stream.noteChange(performance.now())
    this.enqueue(stream)
  }

  remove(stream: AgentStream): void {
    if (!this.#streams.delete(stream)) return
    this.#due.delete(stream)
    connectedAgents.set(this.#streams.size)
    this.progressed()
  }

  /** The stream may have something to send. */
  enqueue(stream: AgentStream): void {
    if (!this.#streams.has(stream)) return
    this.#due.add(stream)
    this.#wake()
  }

  /** An agent has acknowledged something, or is gone. */
  progressed(): void {
    for (const listener of this.#progressListeners) listener()
  }

  /** Called when an agent has acknowledged something, or is gone. Returns the unsubscribe. */
  onProgress(listener: () => void): () => void {
    this.#progressListeners.add(listener)
    return () => this.#progressListeners.delete(listener)
  }

  #changed(): void {
    const nowMs = performance.now()
    for (const stream of this.#streams) stream.noteChange(nowMs)
    this.#wake()
  }

  #wake(): void {
    if (!this.#isRunning) void this.#run()
  }

  async #run(): Promise<void> {
    this.#isRunning = true
    // Not in the caller's stack: whoever has changed something goes on first.
    await nextTurn()
    let sliceEndMs = performance.now() + SLICE_MS
    while (this.#beginRound()) {
      for (const stream of this.#due) {
        this.#due.delete(stream)
        this.#advance(stream)
        if (performance.now() < sliceEndMs) continue
        await nextTurn()
        sliceEndMs = performance.now() + SLICE_MS
      }
    }
    this.#isRunning = false
  }

  /** True if there is something to do. */
  #beginRound(): boolean {
    if (this.source.adopt()) for (const stream of this.#streams) this.#due.add(stream)
    return this.#due.size > 0
  }

  #advance(stream: AgentStream): void {
    try {
      stream.advance()
    } catch (error) {
      // It keeps what it runs, and its stream, and is STALE; the others go on, and the next round tries again.
      this.#logger.error(`no snapshot for agent ${stream.key}: ${(error as Error).stack}`)
    }
  }
}

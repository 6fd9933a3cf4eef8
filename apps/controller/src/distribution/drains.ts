import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { Registry } from '../fleet/registry.js'
import type { AgentStream } from './agent-stream.js'
import { FanOut } from './fan-out.js'

/** An agent that does not acknowledge holds a drain up no longer than this. */
const WITHDRAWAL_MAX_MS = 1000

/**
 * The order of a drain: the endpoint is withdrawn, then those who might send to it have acknowledged that (or a second
 * has passed), and then the agent hears that it may close what is idle.
 */
@Injectable()
export class Drains implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #announcing = new Set<AgentStream>()
  #unsubscribe: (() => void) | undefined

  constructor(
    private readonly registry: Registry,
    private readonly fanOut: FanOut,
  ) {}

  onApplicationBootstrap(): void {
    this.#unsubscribe = this.registry.subscribe(({ draining }) => {
      for (const stream of this.fanOut.streams) {
        if (draining.has(stream.key) && stream.announcedDrain !== true) void this.announce(stream)
      }
    })
  }

  onModuleDestroy(): void {
    this.#unsubscribe?.()
  }

  /** Tells a draining agent so once its endpoint is withdrawn everywhere. */
  async announce(stream: AgentStream): Promise<void> {
    if (this.#announcing.has(stream)) return
    this.#announcing.add(stream)
    await this.withdrawn(stream)
    this.#announcing.delete(stream)
    const state = this.registry.get(stream.key)
    if (stream.isOpen && state !== null && state.record.drain !== 'none') stream.announceDrain(true)
  }

  /** Resolves when every other agent runs with the endpoints as they are now, or after a second. */
  withdrawn(stream: AgentStream): Promise<void> {
    const { version } = this.registry.current
    const isDone = () => [...this.fanOut.streams].every((other) => other === stream || knows(other, version))
    if (isDone()) return Promise.resolve()
    return new Promise((resolve) => {
      const done = () => {
        clearTimeout(timer)
        unsubscribe()
        resolve()
      }
      const unsubscribe = this.fanOut.onProgress(() => isDone() && done())
      const timer = setTimeout(done, WITHDRAWAL_MAX_MS).unref()
    })
  }
}

function knows(stream: AgentStream, endpointsVersion: number): boolean {
  return !stream.isOpen || stream.acknowledgedEndpoints >= endpointsVersion
}

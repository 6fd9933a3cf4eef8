import { Injectable, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import { MeshHead } from '../revisions/mesh-head.js'
import type { AgentKey } from './agent-record.js'
import { Clock } from './clock.js'
import { Registry } from './registry.js'
import { decideRemovals, WINDOW_MS } from './removal-decision.js'
import { serviceMembers } from './service-members.js'

const TICK_MS = 1000

/** Carries out what `decideRemovals` decides, once a second. */
@Injectable()
export class SilenceWatch implements OnModuleInit, OnModuleDestroy {
  /** What silence has removed within the last window, for each service that lost an endpoint. */
  #removals: readonly { readonly service: string; readonly atMs: number }[] = []
  #startedAtMs = 0
  #ticker: NodeJS.Timeout | undefined

  constructor(
    private readonly registry: Registry,
    private readonly head: MeshHead,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.#startedAtMs = this.clock.monotonicMs()
    this.#ticker = setInterval(() => this.tick(), TICK_MS).unref()
  }

  onModuleDestroy(): void {
    clearInterval(this.#ticker)
  }

  tick(): void {
    const nowMs = this.clock.monotonicMs()
    const silentForMs = this.registry.silentForMs(nowMs)
    if (silentForMs.size === 0) return

    this.#removals = this.#removals.filter(({ atMs }) => nowMs - atMs < WINDOW_MS)
    const members = serviceMembers(this.head.current, this.registry.served())
    const services = [...members].map(([service, served]) => ({
      served,
      removedInWindow: this.#removals.filter((removal) => removal.service === service).length,
    }))
    const { remove, stale } = decideRemovals({ uptimeMs: nowMs - this.#startedAtMs, silentForMs, services })
    for (const key of stale) this.registry.markSilent(key, 'stale')
    for (const key of remove) this.#remove(key, members, nowMs)
  }

  #remove(key: AgentKey, members: ReadonlyMap<string, readonly AgentKey[]>, atMs: number): void {
    const losers = [...members].filter(([, served]) => served.includes(key))
    this.#removals = [...this.#removals, ...losers.map(([service]) => ({ service, atMs }))]
    this.registry.markSilent(key, 'removed')
  }
}

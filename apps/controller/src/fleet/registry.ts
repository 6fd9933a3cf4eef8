import type { SnapshotVersion } from '@fairlead/core/snapshot'
import { Injectable, Logger, type BeforeApplicationShutdown, type OnModuleInit } from '@nestjs/common'
import { type AgentKey, agentKey, type AgentRecord, type Drain, isServed, type Registration } from './agent-record.js'
import { AgentStore } from './agent-store.js'
import { Clock } from './clock.js'
import type { LiveSession, SyncStatus } from './live-session.js'
import { RegistrationRefused } from './registration.js'
import { servesAlike, type WorkloadSet, workloadSet } from './workload-set.js'
import { WriteBehind } from './write-behind.js'

/** One agent with what is known of its stream. */
export interface AgentState {
  readonly record: AgentRecord
  readonly connected: boolean
  /** Of the stream, or of the last one that this controller had; null: none since its start. */
  readonly status: SyncStatus | null
}

/** Beyond this an agent's idea of the endpoints' number is not believed. */
const VERSION_LEAP_MAX = 2 ** 32

/**
 * Who the agents are and which of them take traffic. The truth is in memory, so that an endpoint comes and goes at once
 * also when the database is slow or away, and is written behind. Changes of one turn of the event loop make one
 * WorkloadSet. Loaded before the application listens.
 */
@Injectable()
export class Registry implements OnModuleInit, BeforeApplicationShutdown {
  readonly #logger = new Logger(Registry.name)
  readonly #records = new Map<AgentKey, AgentRecord>()
  readonly #live = new Map<AgentKey, LiveSession>()
  readonly #lastStatus = new Map<AgentKey, SyncStatus>()
  /** Monotonic time since when a record has had no stream. */
  readonly #silentSinceMs = new Map<AgentKey, number>()
  readonly #listeners = new Set<(set: WorkloadSet) => void>()
  readonly #forgetListeners = new Set<(key: AgentKey) => void>()
  /** Undrained while they were away; they hear of it when they come back. */
  readonly #owedUndrain = new Set<AgentKey>()
  readonly #unsaved = new Set<AgentKey>()
  readonly #writeBehind = new WriteBehind(
    () => this.#save(),
    (error) => this.#logger.error(`the registry could not be written, will try again: ${error.message}`),
  )
  #current: WorkloadSet = workloadSet(0, [])
  #version = 0
  #servedChanged = false
  #turn: NodeJS.Immediate | undefined

  constructor(
    private readonly store: AgentStore,
    private readonly clock: Clock,
  ) {}

  async onModuleInit(): Promise<void> {
    const { agents, endpointsVersion } = await this.store.load()
    for (const record of agents) {
      this.#records.set(keyOf(record), record)
      this.#silentSinceMs.set(keyOf(record), this.clock.monotonicMs())
    }
    this.#version = endpointsVersion
    this.#current = workloadSet(this.#version, this.#records.values())
  }

  async beforeApplicationShutdown(): Promise<void> {
    // A failure is logged by the write itself; what it could not write is what a crash would have lost too.
    await this.saved().catch(() => undefined)
    this.#writeBehind.stop()
  }

  /** The workloads that take traffic now. */
  get current(): WorkloadSet {
    return this.#current
  }

  /** Called with each new WorkloadSet. Returns the unsubscribe. */
  subscribe(listener: (set: WorkloadSet) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Called when an agent is forgotten. Returns the unsubscribe. */
  onForgotten(listener: (key: AgentKey) => void): () => void {
    this.#forgetListeners.add(listener)
    return () => this.#forgetListeners.delete(listener)
  }

  list(): readonly AgentState[] {
    return [...this.#records.values()].map((record) => this.#stateOf(record))
  }

  get(key: AgentKey): AgentState | null {
    const record = this.#records.get(key)
    return record === undefined ? null : this.#stateOf(record)
  }

  served(): readonly AgentRecord[] {
    return [...this.#records.values()].filter(isServed)
  }

  /** How long each served workload without a stream has been without one. */
  silentForMs(nowMs: number): ReadonlyMap<AgentKey, number> {
    const silent = new Map<AgentKey, number>()
    for (const [key, sinceMs] of this.#silentSinceMs) {
      const record = this.#records.get(key)
      if (record !== undefined && isServed(record)) silent.set(key, nowMs - sinceMs)
    }
    return silent
  }

  /**
   * A checked agent has said Hello and runs `version`. Throws RegistrationRefused if an instance of it with a higher
   * epoch is connected; one with the same or a lower epoch is ended: the newest stream speaks for the agent.
   */
  connect(registration: Registration, version: SnapshotVersion, session: LiveSession): AgentRecord {
    const key = keyOf(registration)
    const rival = this.#live.get(key)
    if (rival !== undefined && rival.instanceEpoch > session.instanceEpoch) {
      throw new RegistrationRefused('superseded', `a newer instance of agent ${key} is connected`)
    }
    this.#live.set(key, session)
    this.#silentSinceMs.delete(key)
    rival?.supersede()
    this.#catchUp(version.endpoints)

    const before = this.#records.get(key)
    const now = this.clock.now()
    const record: AgentRecord = {
      ...registration,
      registeredAt: before?.registeredAt ?? now,
      lastSeen: now,
      drain: drainAtHello(before, registration),
      presence: 'ready',
    }
    this.#put(record)
    const isSameProcess = before?.instanceEpoch === registration.instanceEpoch
    if (this.#owedUndrain.delete(key) && isSameProcess && record.drain === 'none') session.announceUndrain()
    return record
  }

  /** The stream is gone, for whatever reason: the endpoint stays until silence is long enough. */
  disconnect(key: AgentKey, session: LiveSession): void {
    if (this.#live.get(key) !== session) return
    this.#live.delete(key)
    this.#lastStatus.set(key, session.status())
    this.#silentSinceMs.set(key, this.clock.monotonicMs())
    const record = this.#records.get(key)
    if (record !== undefined) this.#put({ ...record, lastSeen: this.clock.now() })
  }

  /** A clean stop: the endpoint goes at once, whatever is left of its service. */
  goodbye(key: AgentKey, session: LiveSession): void {
    const record = this.#records.get(key)
    if (record !== undefined && this.#live.get(key) === session) this.#put({ ...record, presence: 'removed' })
  }

  /** Withdraws the endpoint at once. Resolves when that is durable; rejects when it could not be written (yet). */
  async drain(key: AgentKey, by: Exclude<Drain, 'none'>): Promise<void> {
    const record = this.#records.get(key)
    // An agent echoes what an operator asked for; the operator's word lasts longer.
    if (record !== undefined && record.drain !== 'operator') this.#put({ ...record, drain: by })
    await this.saved()
  }

  /** The reverse: the agent hears first that it takes traffic again, then the others do. */
  async undrain(key: AgentKey): Promise<void> {
    const record = this.#records.get(key)
    if (record !== undefined && record.drain !== 'none') {
      const live = this.#live.get(key)
      if (live === undefined) this.#owedUndrain.add(key)
      else live.announceUndrain()
      this.#put({ ...record, drain: 'none' })
    }
    await this.saved()
  }

  /** Removes a disconnected agent for good. */
  async forget(key: AgentKey): Promise<void> {
    const record = this.#records.get(key)
    if (record === undefined || this.#live.has(key)) return
    this.#records.delete(key)
    this.#lastStatus.delete(key)
    this.#silentSinceMs.delete(key)
    this.#owedUndrain.delete(key)
    this.#changed(key, record, undefined)
    for (const listener of this.#forgetListeners) listener(key)
    await this.saved()
  }

  /** What the silence rules decided for a workload without a stream. */
  markSilent(key: AgentKey, presence: 'stale' | 'removed'): void {
    const record = this.#records.get(key)
    if (record === undefined || record.presence === presence || this.#live.has(key)) return
    this.#logger.warn(`agent ${key} is silent: its endpoint is ${presence}`)
    this.#put({ ...record, presence })
  }

  /** Resolves when all changes up to now are published and durable. */
  async saved(): Promise<void> {
    this.#publish()
    await this.#writeBehind.settled()
  }

  #stateOf(record: AgentRecord): AgentState {
    const key = keyOf(record)
    const live = this.#live.get(key)
    if (live === undefined) return { record, connected: false, status: this.#lastStatus.get(key) ?? null }
    return { record: { ...record, lastSeen: this.clock.now() }, connected: true, status: live.status() }
  }

  #put(record: AgentRecord): void {
    const key = keyOf(record)
    const before = this.#records.get(key)
    this.#records.set(key, record)
    this.#changed(key, before, record)
  }

  #changed(key: AgentKey, before: AgentRecord | undefined, after: AgentRecord | undefined): void {
    this.#unsaved.add(key)
    this.#servedChanged ||= !servesAlike(before, after)
    this.#turn ??= setImmediate(() => this.#publish())
  }

  #publish(): void {
    clearImmediate(this.#turn)
    this.#turn = undefined
    if (this.#servedChanged) {
      this.#servedChanged = false
      this.#version++
      this.#current = workloadSet(this.#version, this.#records.values())
      for (const listener of this.#listeners) listener(this.#current)
    }
    if (this.#unsaved.size > 0) this.#writeBehind.touch()
  }

  /**
   * An agent has seen a higher number than this store knows, as after an import or a crash before the last write.
   * Numbers go on from there: no agent ever sees one twice.
   */
  #catchUp(endpoints: number): void {
    if (endpoints <= this.#version || endpoints - this.#version > VERSION_LEAP_MAX) return
    this.#version = endpoints
    this.#servedChanged = true
  }

  async #save(): Promise<void> {
    const batch = [...this.#unsaved]
    this.#unsaved.clear()
    const changed = batch.map((key) => this.#records.get(key)).filter((record) => record !== undefined)
    const forgotten = batch.filter((key) => !this.#records.has(key))
    try {
      await this.store.save({ changed, forgotten, endpointsVersion: this.#version })
    } catch (error) {
      for (const key of batch) this.#unsaved.add(key)
      throw error
    }
  }
}

/** An operator's drain lasts; the agent's own ends with the process that asked for it. */
function drainAtHello(before: AgentRecord | undefined, { instanceEpoch }: Registration): Drain {
  if (before === undefined) return 'none'
  return before.drain === 'agent' && instanceEpoch > before.instanceEpoch ? 'none' : before.drain
}

function keyOf({ namespace, name }: Pick<AgentRecord, 'namespace' | 'name'>): AgentKey {
  return agentKey(namespace, name)
}

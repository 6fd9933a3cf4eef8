import { canonicalJson, type Snapshot, type SnapshotVersion } from '@fairlead/core/snapshot'
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { Registry } from '../fleet/registry.js'
import { MeshHead } from '../revisions/mesh-head.js'
import { MeshCompiler, type MeshState, type SharedScope } from './mesh-compiler.js'
import { compileTime } from './metrics.js'

/**
 * What each agent should run now: the head and the workloads, compiled for its scope. A burst of changes makes one
 * notification; a snapshot is compiled when it is asked for, from the newest state, once for agents of equal scope.
 */
@Injectable()
export class SnapshotSource implements OnApplicationBootstrap, OnModuleDestroy {
  readonly #listeners = new Set<() => void>()
  readonly #keys = new WeakMap<SharedScope, string>()
  readonly #compiled = new Map<string, Snapshot>()
  #state: MeshState | null = null
  #notification: NodeJS.Immediate | undefined
  #unsubscribe: readonly (() => void)[] = []

  constructor(
    private readonly head: MeshHead,
    private readonly registry: Registry,
    private readonly compiler: MeshCompiler,
  ) {}

  onApplicationBootstrap(): void {
    this.#unsubscribe = [this.head.subscribe(() => this.#changed()), this.registry.subscribe(() => this.#changed())]
  }

  onModuleDestroy(): void {
    for (const unsubscribe of this.#unsubscribe) unsubscribe()
    clearImmediate(this.#notification)
  }

  /** Of the newest state. It only grows. */
  get version(): SnapshotVersion {
    return this.#current().version
  }

  /** Called once after each burst of changes. Returns the unsubscribe. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Of the newest state. Pass the same `scope` object for an agent, again and again: it is hashed once. */
  snapshotFor(scope: SharedScope): Snapshot {
    const state = this.#current()
    const key = this.#keyOf(scope)
    let snapshot = this.#compiled.get(key)
    if (snapshot === undefined) {
      const stopTimer = compileTime.startTimer()
      snapshot = this.compiler.compile(state, scope)
      stopTimer()
      this.#compiled.set(key, snapshot)
    }
    return snapshot
  }

  #keyOf(scope: SharedScope): string {
    let key = this.#keys.get(scope)
    if (key === undefined) this.#keys.set(scope, (key = canonicalJson(scope)))
    return key
  }

  #current(): MeshState {
    if (this.#state === null) {
      const head = this.head.current
      const { workloads, version: endpoints } = this.registry.current
      this.#state = { head, workloads, version: { revision: head.revision, overlay: 0, endpoints } }
    }
    return this.#state
  }

  #changed(): void {
    this.#state = null
    this.#compiled.clear()
    this.#notification ??= setImmediate(() => {
      this.#notification = undefined
      for (const listener of this.#listeners) listener()
    })
  }
}

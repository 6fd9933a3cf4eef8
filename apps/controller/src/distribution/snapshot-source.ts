import { canonicalJson, compareVersions, type Snapshot, type SnapshotVersion } from '@fairlead/core/snapshot'
import { Injectable, type OnApplicationBootstrap, type OnModuleDestroy } from '@nestjs/common'
import { Registry } from '../fleet/registry.js'
import { MeshHead } from '../revisions/mesh-head.js'
import { MeshCompiler, type MeshState, type SharedScope } from './mesh-compiler.js'
import { compileTime } from './metrics.js'

/**
 * What each agent should run now: the head and the workloads, compiled for its scope, once for agents of equal scope.
 * Snapshots are of the state that was adopted last, so that all agents of one round share their work.
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

  /** Of the newest state, adopted or not. It only grows. */
  get version(): SnapshotVersion {
    return { revision: this.head.current.revision, overlay: 0, endpoints: this.registry.current.version }
  }

  /** Called once after each burst of changes. Returns the unsubscribe. */
  subscribe(listener: () => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** Goes to the newest state. False if that was adopted already. */
  adopt(): boolean {
    const { version } = this
    if (this.#state !== null && compareVersions(this.#state.version, version) === 0) return false
    this.#state = { head: this.head.current, workloads: this.registry.current.workloads, version }
    this.#compiled.clear()
    return true
  }

  /** Of the adopted state. Pass the same `scope` object for an agent, again and again: its key is made once. */
  snapshotFor(scope: SharedScope): Snapshot {
    if (this.#state === null) this.adopt()
    const key = this.#keyOf(scope)
    let snapshot = this.#compiled.get(key)
    if (snapshot === undefined) {
      const stopTimer = compileTime.startTimer()
      snapshot = this.compiler.compile(this.#state!, scope)
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

  #changed(): void {
    this.#notification ??= setImmediate(() => {
      this.#notification = undefined
      for (const listener of this.#listeners) listener()
    })
  }
}

import { Injectable, Logger, type OnModuleDestroy, type OnModuleInit } from '@nestjs/common'
import type { Resource, ResourceKey } from '@fairlead/core/resources'
import { type HeadState, MeshHead } from './mesh-head.js'
import type { ResourceChange, RevisionChange } from './revision.js'
import { RevisionsRepository } from './revisions.repository.js'

/** Bounds staleness when a notification is lost with its connection. */
const pollMs = 2_000
/** Revisions a read; a controller that was cut off for long catches up in pieces. */
const pageRevisions = 100

/** A revision as it became the head: what it changed, and the state after it. */
export interface HeadStep extends RevisionChange {
  readonly state: HeadState
}

/**
 * The head in memory. It moves only by what it reads from the database, in revision order: a notification, a commit of
 * our own and the poll all just make it look.
 */
@Injectable()
export class LiveMeshHead extends MeshHead implements OnModuleInit, OnModuleDestroy {
  readonly #log = new Logger('mesh-head')
  readonly #listeners = new Set<(step: HeadStep) => void>()
  #current: HeadState = { revision: 0, resources: new Map() }
  #advancing: Promise<void> | null = null
  #poll: NodeJS.Timeout | null = null
  #unlisten: (() => Promise<void>) | null = null
  #stopped = false

  constructor(private readonly repository: RevisionsRepository) {
    super()
  }

  override get current(): HeadState {
    return this.#current
  }

  override subscribe(listener: (state: HeadState) => void): () => void {
    return this.follow(({ state }) => listener(state))
  }

  /** As `subscribe`, with what each revision changed. */
  follow(listener: (step: HeadStep) => void): () => void {
    // Each subscription is its own, also when one function subscribes twice.
    const own = (step: HeadStep) => listener(step)
    this.#listeners.add(own)
    return () => void this.#listeners.delete(own)
  }

  /** Resolves once the head is at least `revision`, which must be committed. */
  async reach(revision: number): Promise<void> {
    while (this.#current.revision < revision && !this.#stopped) await this.#catchUp()
  }

  /** Looks once at what is committed by now. */
  async refresh(): Promise<void> {
    // One that runs already may have looked before the caller's moment.
    await this.#advancing?.catch(() => undefined)
    await this.#catchUp()
  }

  async onModuleInit(): Promise<void> {
    this.#current = await this.#load()
    this.#unlisten = await this.repository.listen(() => this.#look())
    await this.#catchUp()
    this.#schedulePoll()
  }

  async onModuleDestroy(): Promise<void> {
    this.#stopped = true
    if (this.#poll !== null) clearTimeout(this.#poll)
    await this.#unlisten?.()
    await this.#advancing?.catch(() => undefined)
  }

  #look(): void {
    if (this.#stopped) return
    this.#catchUp().catch((error: unknown) => this.#log.warn({ msg: 'the head cannot be read', err: error }))
  }

  #schedulePoll(): void {
    this.#poll = setTimeout(() => {
      this.#look()
      this.#schedulePoll()
    }, pollMs)
    this.#poll.unref()
  }

  #catchUp(): Promise<void> {
    this.#advancing ??= this.#advance().finally(() => (this.#advancing = null))
    return this.#advancing
  }

  async #advance(): Promise<void> {
    for (;;) {
      const from = this.#current
      const page = await this.repository.read(async (transaction) => {
        const { oldest, head } = await this.repository.range(transaction)
        if (from.revision < oldest || from.revision > head) return null
        const upTo = Math.min(head, from.revision + pageRevisions)
        return this.repository.changes(transaction, from.revision, upTo)
      })
      if (page === null) this.#publish(await this.#jump(from))
      else if (page.length === 0) return
      else for (const change of page) this.#publish({ ...change, state: next(this.#current, change) })
    }
  }

  /** What we stand on is no longer kept, or the database was set back: one step from here to what is there now. */
  async #jump(from: HeadState): Promise<HeadStep> {
    const state = await this.#load()
    this.#log.warn({ msg: 'the head was read anew', from: from.revision, to: state.revision })
    const keys = new Set([...from.resources.keys(), ...state.resources.keys()])
    const changes = [...keys]
      .map((key) => ({ key, before: from.resources.get(key) ?? null, after: state.resources.get(key) ?? null }))
      .filter(({ before, after }) => before?.metadata.resourceVersion !== after?.metadata.resourceVersion)
    return { revision: state.revision, changes, state }
  }

  #load(): Promise<HeadState> {
    return this.repository.read(async (transaction) => {
      const { head } = await this.repository.range(transaction)
      return { revision: head, resources: await this.repository.at(transaction, head) }
    })
  }

  #publish(step: HeadStep): void {
    this.#current = step.state
    for (const listener of [...this.#listeners]) {
      try {
        listener(step)
      } catch (error) {
        this.#log.error({ msg: 'a listener of the head failed', revision: step.revision, err: error })
      }
    }
  }
}

function next(
  state: HeadState,
  { revision, changes }: { revision: number; changes: readonly ResourceChange[] },
): HeadState {
  const resources = new Map<ResourceKey, Resource>(state.resources)
  for (const { key, after } of changes) {
    if (after === null) resources.delete(key)
    else resources.set(key, after)
  }
  return { revision, resources }
}

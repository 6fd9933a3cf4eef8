import { randomUUID } from 'node:crypto'
import { Inject, Injectable, Logger, type OnModuleDestroy } from '@nestjs/common'
import type { Resource, ResourceKey } from '@fairlead/core/resources'
import { failpoint } from '../database/failpoint.js'
import { Problem } from '../problem/problem.js'
import { type Settings, SETTINGS } from '../settings/settings.js'
import { type Change, planCommit, type Step } from './commit-plan.js'
import { LiveMeshHead } from './live-mesh-head.js'
import { rfc3339 } from './resource-row.js'
import type { Revision, RevisionChange, RevisionSource } from './revision.js'
import { type RevisionPage, RevisionsRepository, type VersionFilter } from './revisions.repository.js'
import { checkStorable } from './storable.js'

/** Revisions that one transaction of retention forgets, so that no writer waits long behind it. */
const forgetRevisions = 200

export interface CommitInfo {
  readonly author: string
  readonly message: string
  readonly source: RevisionSource
}

export interface CommitOutcome {
  /** The new revision; the head when nothing changed, or in a dry run. */
  readonly revision: number
  readonly changed: boolean
  /** In the order of the changes. */
  readonly steps: readonly Step[]
}

/** The state that a commit starts from, for changes that depend on it. Only inside of `commit`. */
export interface CommitBase {
  readonly head: number
  /** All resources of a revision; the head's when none is named. @throws Problem gone, not-found */
  resources(revision?: number): Promise<ReadonlyMap<ResourceKey, Resource>>
  /** One resource of the head, or null. */
  resource(key: ResourceKey): Promise<Resource | null>
}

/** The history of the mesh: one more revision, or a look at an old one. */
@Injectable()
export class RevisionStore implements OnModuleDestroy {
  readonly #log = new Logger('revisions')
  #forgetting: Promise<void> | null = null
  /** Nothing before this revision is kept. */
  #forgotten = 0

  constructor(
    private readonly repository: RevisionsRepository,
    private readonly head: LiveMeshHead,
    @Inject(SETTINGS) private readonly settings: Settings,
  ) {}

  /**
   * Makes all the changes one new revision, or none of them; no effective change makes no revision. Returns when it is
   * durable and this controller's own head shows it.
   * @throws Problem when an expectation does not hold; then nothing is changed
   */
  async commit(
    changes: readonly Change[] | ((base: CommitBase) => Promise<readonly Change[]>),
    info: CommitInfo,
    { dryRun = false } = {},
  ): Promise<CommitOutcome> {
    checkStorable(info.message, 'message')
    const outcome = await this.repository.write(async (transaction) => {
      await this.repository.lock(transaction)
      const { head, oldest } = await this.repository.range(transaction)
      const resources = (revision = head) => {
        checkKept(revision, { head, oldest })
        return this.repository.at(transaction, revision)
      }
      const resource = async (key: ResourceKey) => (await this.repository.live(transaction, [key])).get(key) ?? null
      const wanted = typeof changes === 'function' ? await changes({ head, resources, resource }) : changes
      for (const { desired } of wanted) if (desired !== null) checkStorable(desired, '')
      const present = await this.repository.live(
        transaction,
        wanted.map(({ key }) => key),
      )
      const revision = head + 1
      const now = new Date()
      const steps = planCommit(wanted, present, { revision, now: rfc3339(now), newUid: randomUUID })
      const effective = steps.filter(({ action }) => action !== 'unchanged')
      if (effective.length === 0 || dryRun) return { revision: head, changed: effective.length > 0, steps }
      await this.repository.insert(transaction, revisionOf(revision, head, info, now, effective), effective)
      failpoint('revision.before-commit')
      return { revision, changed: true, steps }
    })
    if (!outcome.changed || dryRun) return outcome
    failpoint('revision.after-commit')
    await this.head.reach(outcome.revision)
    this.#forgetOld()
    return outcome
  }

  /** A new revision with the resources of an old one, each with the uid and age that it had then. */
  rollback(to: number, info: Omit<CommitInfo, 'source'>, options: { dryRun?: boolean } = {}): Promise<CommitOutcome> {
    const changes = async (base: CommitBase): Promise<Change[]> => {
      const [then, now] = [await base.resources(to), await base.resources()]
      const restored = [...then].map(([key, desired]): Change => {
        const { uid, creationTimestamp } = desired.metadata
        return { key, desired, identity: { uid: uid!, creationTimestamp: creationTimestamp! } }
      })
      const removed = [...now.keys()].filter((key) => !then.has(key)).map((key): Change => ({ key, desired: null }))
      return [...restored, ...removed]
    }
    return this.commit(changes, { ...info, source: 'rollback' }, options)
  }

  /** @throws Problem not-found, gone */
  async revision(number: number | 'head'): Promise<Revision> {
    return this.repository.read(async (transaction) => {
      const range = await this.repository.range(transaction)
      const wanted = number === 'head' ? range.head : number
      checkKept(wanted, range)
      return wanted === 0 ? beginning : (await this.repository.find(transaction, wanted))!
    })
  }

  /** Newest first. */
  list(page: RevisionPage): Promise<Revision[]> {
    return this.repository.read((transaction) => this.repository.list(transaction, page))
  }

  /** The resources of a revision, or a part of them. @throws Problem not-found, gone */
  resources(revision: number | 'head', filter: VersionFilter = {}): Promise<ReadonlyMap<ResourceKey, Resource>> {
    return this.repository.read(async (transaction) => {
      const range = await this.repository.range(transaction)
      const wanted = revision === 'head' ? range.head : revision
      checkKept(wanted, range)
      return this.repository.at(transaction, wanted, filter)
    })
  }

  /** What each revision in (after, upTo] changed, oldest first. @throws Problem not-found, gone */
  changes(after: number, upTo: number): Promise<readonly RevisionChange[]> {
    return this.repository.read(async (transaction) => {
      checkKept(after, await this.repository.range(transaction))
      return this.repository.changes(transaction, after, upTo)
    })
  }

  async onModuleDestroy(): Promise<void> {
    await this.#forgetting
  }

  /** Not at every commit: a hundredth of what is kept may be there too long. */
  #forgetOld(): void {
    if (this.#forgetting !== null || !this.#hasTooMany()) return
    this.#forgetting = this.#forget()
      .catch((error: unknown) => this.#log.warn({ msg: 'old revisions are not forgotten yet', err: error }))
      .finally(() => (this.#forgetting = null))
  }

  #hasTooMany(): boolean {
    const { keepRevisions } = this.settings
    return this.head.current.revision - this.#forgotten > keepRevisions + Math.ceil(keepRevisions / 100)
  }

  async #forget(): Promise<void> {
    // Commits that come meanwhile start nothing, so the goal moves with the head.
    while (this.#hasTooMany()) {
      const before = this.#forgotten
      this.#forgotten = await this.repository.write(async (transaction) => {
        const { oldest, head } = await this.repository.range(transaction)
        const keepFrom = Math.min(head - this.settings.keepRevisions, oldest + forgetRevisions)
        if (keepFrom <= oldest) return oldest
        await this.repository.forget(transaction, keepFrom)
        return keepFrom
      })
      // The database was set back under us: the head notices, and the next commit asks again.
      if (this.#forgotten <= before) return
    }
  }
}

/** Revision 0: what is there before anybody wrote. */
const beginning: Revision = {
  number: 0,
  parent: null,
  author: '',
  message: 'the empty mesh',
  source: 'rest',
  createdAt: new Date(0),
  created: 0,
  updated: 0,
  deleted: 0,
}

function checkKept(revision: number, { head, oldest }: { head: number; oldest: number }): void {
  if (revision > head) throw new Problem('not-found', `There is no revision ${revision} yet: the head is ${head}.`)
  if (revision < oldest) {
    throw new Problem('gone', `Revision ${revision} is no longer kept: the oldest that can be read is ${oldest}.`)
  }
}

function revisionOf(
  number: number,
  parent: number,
  info: CommitInfo,
  createdAt: Date,
  steps: readonly Step[],
): Revision {
  const count = (action: Step['action']) => steps.filter((step) => step.action === action).length
  return {
    number,
    parent,
    author: info.author,
    message: info.message,
    source: info.source,
    createdAt,
    created: count('created'),
    updated: count('configured'),
    deleted: count('deleted'),
  }
}

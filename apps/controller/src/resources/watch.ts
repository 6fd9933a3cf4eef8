import type { Response } from 'express'
import type { Resource } from '@fairlead/core/resources'
import { Problem } from '../problem/problem.js'
import type { HeadStep, LiveMeshHead } from '../revisions/live-mesh-head.js'
import type { ResourceChange, RevisionChange } from '../revisions/revision.js'
import type { RevisionStore } from '../revisions/revision-store.js'
import type { Selection } from './selection.js'

/** What a client may leave unread before its watch is closed; it comes back with the last version that it saw. */
const unreadBytesMax = 4 << 20
/** Revisions that may come while the past is still being sent. */
const waitingStepsMax = 1_000
const pageRevisions = 100
const bookmarkMs = 10_000

export interface WatchRequest {
  readonly selection: Selection
  /** Every change after this revision; null: first all that is there, as ADDED. */
  readonly from: number | null
  readonly bookmarks: boolean
  /** Null: no end. */
  readonly timeoutMs: number | null
  /** The spelling that the path asks for. */
  readonly spell: (resource: Resource) => Resource
  readonly bookmark: (revision: number) => object
}

/**
 * Sends changes as JSON lines: each revision once, in order, its events in one write, none left out. A revision with
 * several events is followed by a BOOKMARK (where allowed), since a client that was cut off among them must not resume
 * behind them. Resolves when the watch has ended.
 * @throws Problem gone, bad-request before the first byte
 */
export class Watch {
  readonly #waiting: HeadStep[] = []
  #live = false
  /** The last revision that was sent or had nothing to send. */
  #at = 0
  #marked = -1

  constructor(
    private readonly store: RevisionStore,
    private readonly head: LiveMeshHead,
    private readonly request: WatchRequest,
    private readonly response: Response,
  ) {}

  async run(): Promise<void> {
    const closed = new Promise<void>((resolve) => this.response.once('close', resolve))
    const unfollow = this.head.follow((step) => this.#step(step))
    const timers: NodeJS.Timeout[] = []
    try {
      await this.#begin()
      const { timeoutMs } = this.request
      if (timeoutMs !== null) timers.push(setTimeout(() => this.end(), timeoutMs))
      timers.push(setInterval(() => this.#bookmark(), bookmarkMs))
      await closed
    } finally {
      unfollow()
      timers.forEach(clearTimeout)
    }
  }

  /** A proper end: the client may come back with the version of the last line. */
  end(): void {
    if (this.response.writableEnded || this.response.destroyed) return
    this.#bookmark()
    this.response.end()
  }

  async #begin(): Promise<void> {
    const { from } = this.request
    // Steps from here on are kept by #step until the past is sent.
    const start = this.head.current
    if (from === null) {
      this.#open()
      const resources = [...start.resources.values()].filter((resource) => this.request.selection.matches(resource))
      for (let at = 0; at < resources.length && !this.response.destroyed; at += pageRevisions) {
        await this.#writePatiently(resources.slice(at, at + pageRevisions).map((item) => this.#line('ADDED', item)))
      }
      this.#at = start.revision
    } else {
      await this.#replay(from)
    }
    this.#bookmark()
    this.#live = true
    for (const step of this.#waiting.splice(0)) this.#send(step)
  }

  async #replay(from: number): Promise<void> {
    if (from > this.head.current.revision) await this.head.refresh()
    const to = this.head.current.revision
    if (from > to) throw new Problem('bad-request', `There is no revision ${from} yet: the head is ${to}.`)
    let page = await this.store.changes(from, Math.min(to, from + pageRevisions))
    this.#open()
    this.#at = this.#marked = from
    for (;;) {
      for (const change of page) {
        await this.#writePatiently(this.#lines(change))
        this.#at = change.revision
      }
      if (this.#at >= to || this.response.destroyed) return
      page = await this.store.changes(this.#at, Math.min(to, this.#at + pageRevisions))
    }
  }

  #open(): void {
    this.response.status(200).type('application/json').set('Cache-Control', 'no-store')
    this.response.flushHeaders()
  }

  #step(step: HeadStep): void {
    if (this.#live) return this.#send(step)
    this.#waiting.push(step)
    if (this.#waiting.length > waitingStepsMax) this.response.destroy()
  }

  #send(step: RevisionChange): void {
    if (step.revision <= this.#at || this.response.destroyed || this.response.writableEnded) return
    const lines = this.#lines(step)
    this.#at = step.revision
    if (lines.length > 0) this.response.write(lines.join(''))
    if (this.response.writableLength > unreadBytesMax) this.response.destroy()
  }

  async #writePatiently(lines: readonly string[]): Promise<void> {
    if (lines.length === 0 || this.response.destroyed) return
    if (this.response.write(lines.join(''))) return
    await new Promise<void>((resolve) => {
      const done = () => {
        this.response.off('drain', done).off('close', done)
        resolve()
      }
      this.response.on('drain', done).on('close', done)
    })
  }

  #lines({ revision, changes }: RevisionChange): string[] {
    const lines = changes.flatMap((change) => this.#event(change, revision))
    if (lines.length < 2 || !this.request.bookmarks) return lines
    this.#marked = revision
    return [...lines, line('BOOKMARK', this.request.bookmark(revision))]
  }

  /** A resource that comes into the selection is ADDED, one that leaves it is DELETED, as in Kubernetes. */
  #event({ before, after }: ResourceChange, revision: number): string[] {
    const [was, is] = [before, after].map((item) => item !== null && this.request.selection.matches(item))
    if (is) return [this.#line(was ? 'MODIFIED' : 'ADDED', after!)]
    return was ? [this.#line('DELETED', at(before!, revision))] : []
  }

  #bookmark(): void {
    if (!this.request.bookmarks || this.#marked === this.#at || this.response.destroyed) return
    if (this.response.writableEnded || !this.response.headersSent) return
    this.#marked = this.#at
    this.response.write(line('BOOKMARK', this.request.bookmark(this.#at)))
  }

  #line(type: string, resource: Resource): string {
    return line(type, this.request.spell(resource))
  }
}

/** A deleted resource carries the revision that deleted it, so that a watch can resume from it. */
export function at(resource: Resource, revision: number): Resource {
  return { ...resource, metadata: { ...resource.metadata, resourceVersion: String(revision) } }
}

function line(type: string, object: object): string {
  return `${JSON.stringify({ type, object })}\n`
}

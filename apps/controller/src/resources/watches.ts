import { type BeforeApplicationShutdown, Injectable } from '@nestjs/common'
import type { Response } from 'express'
import { Problem } from '../problem/problem.js'
import { LiveMeshHead } from '../revisions/live-mesh-head.js'
import { RevisionStore } from '../revisions/revision-store.js'
import { Watch, type WatchRequest } from './watch.js'

/** Each holds a connection and up to 4 MiB of unread lines. */
const watchesMax = 1_000

/** All open watches, so that a stop can end them. */
@Injectable()
export class Watches implements BeforeApplicationShutdown {
  readonly #open = new Set<Watch>()
  #closing = false

  constructor(
    private readonly store: RevisionStore,
    private readonly head: LiveMeshHead,
  ) {}

  /** Serves one watch to its end. @throws Problem before the first byte */
  async serve(request: WatchRequest, response: Response): Promise<void> {
    const headers = { 'Retry-After': '1' }
    if (this.#closing) throw new Problem('unavailable', 'The controller is stopping.', { headers })
    if (this.#open.size >= watchesMax) {
      throw new Problem('too-many-requests', `There are ${watchesMax} watches already.`, { headers })
    }
    const watch = new Watch(this.store, this.head, request, response)
    this.#open.add(watch)
    await watch.run().finally(() => this.#open.delete(watch))
  }

  beforeApplicationShutdown(): void {
    this.endAll()
  }

  endAll(): void {
    this.#closing = true
    for (const watch of this.#open) watch.end()
  }
}

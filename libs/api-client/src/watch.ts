import { ApiError, ServerUnreachable } from './errors.js'
import { jsonLines } from './json-lines.js'
import type { Problem } from './schemas/problem.js'
import type { ResourceObject, WatchEvent } from './schemas/resource.js'
import type { FullList, ListOptions } from './resource-calls.js'

export interface WatchOptions extends ListOptions {
  /** Every change after this revision; without it what is there comes first, as ADDED. */
  readonly resourceVersion?: string
  /** First wait before a reconnect; it doubles up to 5 s. */
  readonly retryMs?: number
}

/** What a watch needs of the server; `open` answers JSON lines. */
export interface WatchSource {
  readonly options: WatchOptions
  readonly list: () => Promise<FullList>
  readonly open: (query: Readonly<Record<string, string | number | boolean>>) => AsyncIterable<Uint8Array>
}

const RETRY_MS = 200
const RETRY_MAX_MS = 5_000
/** The server ends a watch by then, and we resume: a half-open connection does not last for ever. */
const TIMEOUT_SECONDS = 300

/**
 * Yields changes until the signal fires, and reconnects where it was cut off: nothing is lost and nothing comes twice.
 * @throws ApiError when the server refuses: 410 when the resume point is older than the kept history.
 */
export async function* watchCollection(source: WatchSource): AsyncGenerator<WatchEvent> {
  const { options } = source
  let start = options.resourceVersion
  if (start === undefined) {
    const list = await source.list()
    for (const object of list.items) yield { type: 'ADDED', object }
    start = list.resourceVersion
  }
  const progress = new WatchProgress(Number(start))
  let waitMs = options.retryMs ?? RETRY_MS
  while (!options.signal?.aborted) {
    try {
      for await (const event of readEvents(source, progress)) {
        waitMs = options.retryMs ?? RETRY_MS
        yield event
      }
    } catch (error) {
      if (options.signal?.aborted) return
      if (!isPassing(error)) throw error
      await pause(waitMs * (0.5 + Math.random() / 2), options.signal)
      waitMs = Math.min(waitMs * 2, RETRY_MAX_MS)
    }
  }
}

async function* readEvents(source: WatchSource, progress: WatchProgress): AsyncGenerator<WatchEvent> {
  const lines = source.open({
    watch: true,
    allowWatchBookmarks: true,
    timeoutSeconds: TIMEOUT_SECONDS,
    resourceVersion: progress.resumeFrom,
  })
  for await (const line of jsonLines(lines)) {
    const event = line as WatchEvent
    if (event.type === 'ERROR') throw new ApiError(event.object as unknown as Problem)
    if (progress.isNew(event)) yield event
  }
}

/**
 * Where to resume. One revision may change several objects, and a connection may break between two of them:
 * so we resume before the revision that we were in, and skip what of it we had.
 */
class WatchProgress {
  /** Every change up to this revision was seen. */
  #done: number
  #current: number
  #seen = new Set<string>()

  constructor(revision: number) {
    this.#done = revision
    this.#current = revision
  }

  get resumeFrom(): number {
    return this.#done
  }

  isNew(event: WatchEvent): boolean {
    const { metadata } = event.object as ResourceObject
    const own = Number(metadata.resourceVersion)
    // A deleted object may still carry the revision of its last change, as Kubernetes' did once.
    const revision = event.type === 'DELETED' ? Math.max(own, this.#current) : own
    if (event.type === 'BOOKMARK') {
      if (revision >= this.#current) this.#enter(revision, revision)
      return false
    }
    if (revision < this.#current) return false
    if (revision > this.#current) this.#enter(revision - 1, revision)
    const key = `${metadata.namespace}/${metadata.name}`
    if (this.#seen.has(key)) return false
    this.#seen.add(key)
    return true
  }

  #enter(done: number, current: number): void {
    this.#done = done
    this.#current = current
    this.#seen = new Set()
  }
}

function isPassing(error: unknown): boolean {
  if (error instanceof ApiError) return error.status === 429 || error.status >= 500
  // A SyntaxError is a line that was cut off with its connection.
  return error instanceof ServerUnreachable || error instanceof SyntaxError
}

function pause(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(done, ms)
    signal?.addEventListener('abort', done)
    function done(): void {
      clearTimeout(timer)
      signal?.removeEventListener('abort', done)
      resolve()
    }
  })
}

import { Injectable } from '@nestjs/common'
import { TokenArchive } from '../access/token-archive.js'
import { Problem } from '../problem/problem.js'
import { archiveFormat, type ArchiveContents } from './archive-format.js'
import { LiveMeshHead } from './live-mesh-head.js'
import type { ResourceVersionRow } from './resource-version.entity.js'
import { RevisionsRepository } from './revisions.repository.js'

/** Revisions a page, so that neither side holds the whole history. */
const pageRevisions = 200
const batchRows = 500

export interface ImportCounts {
  readonly revision: number
  readonly resources: number
  readonly revisions: number
  readonly tokens: number
}

/** Takes a whole store out as JSON lines, and puts it into an empty one. The registry of agents is not in it. */
@Injectable()
export class Archive {
  constructor(
    private readonly repository: RevisionsRepository,
    private readonly tokens: TokenArchive,
    private readonly head: LiveMeshHead,
  ) {}

  /**
   * Hands over one JSON value a line: a header, the tokens, then by pages the versions and the revisions that made them,
   * so that the head's line is the last. Each page is a transaction of its own: a slow reader holds up nobody.
   * @throws Problem gone when retention forgets revisions meanwhile
   */
  async export(sink: (line: object) => Promise<void>): Promise<void> {
    const { head, oldest, tokens } = await this.repository.read(async (transaction) => ({
      ...(await this.repository.range(transaction)),
      tokens: await this.tokens.export(transaction),
    }))
    await sink({ fairlead: 'archive', format: archiveFormat, head })
    for (const token of tokens) await sink({ token })
    let after = 0
    // First what is older than every kept revision and visible still.
    let upTo = Math.max(oldest - 1, 0)
    do {
      const page = await this.#page(after, upTo, oldest)
      for (const version of page.versions) await sink({ version: asOf(version, head) })
      for (const revision of page.revisions) await sink({ revision })
      after = upTo
      upTo = Math.min(after + pageRevisions, head)
    } while (after < head)
  }

  /** All of it or nothing. @throws Problem conflict when the store is not empty */
  async import(contents: ArchiveContents): Promise<ImportCounts> {
    const tokens = await this.repository.write(async (transaction) => {
      await this.repository.lock(transaction)
      const { head } = await this.repository.range(transaction)
      if (head > 0) throw new Problem('conflict', `An import needs an empty store; this one is at revision ${head}.`)
      for (const batch of batches(contents.versions)) await this.repository.insertVersions(transaction, batch)
      for (const batch of batches(contents.revisions)) await this.repository.insertRevisions(transaction, batch)
      await this.repository.notify(transaction, contents.head)
      return this.tokens.import(contents.tokens, transaction)
    })
    await this.head.reach(contents.head)
    return {
      revision: contents.head,
      resources: contents.versions.filter(({ deletedRevision }) => deletedRevision === null).length,
      revisions: contents.revisions.length,
      tokens,
    }
  }

  #page(after: number, upTo: number, oldest: number) {
    return this.repository.read(async (transaction) => {
      if ((await this.repository.range(transaction)).oldest !== oldest) {
        throw new Problem('gone', 'Old revisions were forgotten during the export. Try again.')
      }
      return {
        versions: await this.repository.versions(transaction, after, upTo),
        revisions: await this.repository.revisions(transaction, after, upTo),
      }
    })
  }
}

/** A version as it was when the head was `head`: what came later is not in the archive. */
function asOf(version: ResourceVersionRow, head: number): ResourceVersionRow {
  const { deletedRevision } = version
  return deletedRevision !== null && deletedRevision > head ? { ...version, deletedRevision: null } : version
}

function* batches<T>(items: readonly T[]): Generator<readonly T[]> {
  for (let at = 0; at < items.length; at += batchRows) yield items.slice(at, at + batchRows)
}

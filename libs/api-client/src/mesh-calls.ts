import type { CallInput, Connection } from './connection.js'
import { routes } from './routes.js'
import type { Revision } from './schemas/revision.js'

export interface DocumentOptions {
  /** Of `documents`. Default application/yaml. */
  readonly contentType?: 'application/yaml' | 'application/json'
  /** Of documents that name none. */
  readonly namespace?: string
  readonly allowPending?: boolean
  readonly prune?: boolean
  readonly labelSelector?: string
}

export interface ApplyOptions extends DocumentOptions {
  readonly dryRun?: boolean
  readonly message?: string
}

export type RevisionId = number | 'head'

/** Apply and history: what happens to the mesh as a whole. */
export function meshCalls(connection: Connection) {
  return {
    apply: (documents: string, options: ApplyOptions = {}) =>
      connection.call(routes.apply, documentInput(documents, options)),
    diffDocuments: (documents: string, options: DocumentOptions = {}) =>
      connection.call(routes.diffDocuments, documentInput(documents, options)),
    diffDocumentsText: (documents: string, options: DocumentOptions = {}) =>
      connection.text(routes.diffDocuments, { ...documentInput(documents, options), accept: 'text/plain' }),

    /** Newest first. @param resource `<plural>/<namespace>/<name>`: only those that changed it. */
    async *revisions(options: { resource?: string; limit?: number } = {}): AsyncGenerator<Revision> {
      let next: string | undefined
      do {
        const query = { limit: options.limit ?? 100, continue: next, resource: options.resource }
        const page = await connection.call(routes.listRevisions, { query })
        yield* page.items
        next = page.metadata.continue || undefined
      } while (next !== undefined)
    },
    revision: (revision: RevisionId) => connection.call(routes.getRevision, { params: { revision } }),
    revisionResources: (revision: RevisionId) =>
      connection.call(routes.listRevisionResources, { params: { revision } }),
    /** From the parent unless `from` is given. */
    diff: (to: RevisionId, from?: RevisionId) =>
      connection.call(routes.diffRevisions, { params: { revision: to }, query: { from } }),
    diffText: (to: RevisionId, from?: RevisionId) =>
      connection.text(routes.diffRevisions, { params: { revision: to }, query: { from }, accept: 'text/plain' }),
    rollback: (to: number, options: { message?: string; dryRun?: boolean } = {}) =>
      connection.call(routes.rollback, {
        params: { revision: to },
        query: { message: options.message, dryRun: options.dryRun ? 'All' : undefined },
      }),
  }
}

function documentInput(documents: string, options: ApplyOptions): CallInput {
  const { contentType = 'application/yaml', dryRun, ...query } = options
  return { body: documents, contentType, query: { ...query, dryRun: dryRun ? 'All' : undefined } }
}

import { Injectable } from '@nestjs/common'
import type { Request } from 'express'
import { WriteQuery } from '@fairlead/api-client'
import { keyOf, type KindDefinition, type Resource, resourceKey, toVersion } from '@fairlead/core/resources'
import type { RequestBody } from '../access/request-body.js'
import { Problem, type FieldProblem } from '../problem/problem.js'
import type { Change, Expectation, Step } from '../revisions/commit-plan.js'
import { type CommitBase, RevisionStore } from '../revisions/revision-store.js'
import { type Accepted, checkDocument, readDocument } from './documents.js'
import type { Arrival } from './arrival.js'
import { type ItemPath, kindAt, type KindPath, type NamespacePath } from './kind-at.js'
import { mergePatch } from './merge-patch.js'
import { precondition } from './preconditions.js'
import { parseQuery } from './query.js'
import { notFound } from './resource-reads.js'
import { setWarnings } from './warnings.js'
import { at } from './watch.js'

/** Writes of single resources; each that changes something is one revision. */
@Injectable()
export class ResourceWrites {
  constructor(private readonly store: RevisionStore) {}

  /** @throws Problem conflict when it exists */
  async create(write: Arrival<NamespacePath>, body: RequestBody): Promise<Resource> {
    const { accepted, options } = this.#read(write, body)
    checkPlace(accepted.resource, write.path)
    const absent: Expectation = { state: 'absent', otherwise: 'conflict' }
    const change = { key: keyOf(accepted.resource), desired: accepted.resource, expect: absent }
    return this.#answer(write, await this.#commit(write, () => [change], options), accepted)
  }

  /** Full replacement, or creation. Without a version in body or header the last write wins; none is lost from history. */
  async replace(write: Arrival<ItemPath>, body: RequestBody): Promise<Resource> {
    const { accepted, options } = this.#read(write, body)
    checkPlace(accepted.resource, write.path)
    const change: Change = {
      key: keyOf(accepted.resource),
      desired: accepted.resource,
      ...withExpectation(precondition(write.request) ?? bodyVersion(accepted.resource)),
    }
    return this.#answer(write, await this.#commit(write, () => [change], options), accepted)
  }

  /** Reads, merges, checks and writes under the lock of the commit: no concurrent change is lost, and none repeated. */
  async patch(write: Arrival<ItemPath>, body: RequestBody): Promise<Resource> {
    const kind = kindAt(write.path)
    const query = parseQuery(WriteQuery, write.query)
    const patch = parsePatch(body.text)
    const key = resourceKey(kind.group, kind.kind, write.path.namespace, write.path.name)
    let accepted: Accepted | null = null
    const changes = async (base: CommitBase): Promise<Change[]> => {
      const before = await base.resource(key)
      if (before === null) throw notFound(kind, write.path)
      const merged = mergePatch(toVersion(before, write.path.version), patch)
      accepted = checkDocument(merged, { namespace: write.path.namespace, allowPending: query.allowPending ?? false })
      checkPlace(accepted.resource, write.path)
      const expect = precondition(write.request) ?? bodyVersion(accepted.resource)
      return [{ key, desired: accepted.resource, ...withExpectation(expect) }]
    }
    const step = await this.#commit(write, changes, query)
    return this.#answer(write, step, accepted!)
  }

  /** The deleted object, with the revision that deleted it. */
  async remove(write: Arrival<ItemPath>): Promise<Resource> {
    const kind = kindAt(write.path)
    const query = parseQuery(WriteQuery, write.query)
    refuseBody(write.request)
    const key = resourceKey(kind.group, kind.kind, write.path.namespace, write.path.name)
    const changes = async (base: CommitBase): Promise<Change[]> => {
      if ((await base.resource(key)) === null) throw notFound(kind, write.path)
      return [{ key, desired: null, ...withExpectation(precondition(write.request)) }]
    }
    const { before, revision } = await this.#commit(write, changes, query)
    return toVersion(at(before!, revision), write.path.version)
  }

  #read(write: Arrival<NamespacePath>, body: RequestBody) {
    const kind = kindAt(write.path)
    const options = parseQuery(WriteQuery, write.query)
    const accepted = readDocument(body, {
      namespace: write.path.namespace,
      allowPending: options.allowPending ?? false,
    })
    checkKind(accepted.resource, kind)
    return { accepted, options }
  }

  async #commit(
    { caller }: Arrival<unknown>,
    changes: (base: CommitBase) => Promise<readonly Change[]> | readonly Change[],
    { message = '', dryRun }: { message?: string | undefined; dryRun?: 'All' | undefined },
  ): Promise<Step & { readonly revision: number }> {
    const info = { author: caller.tokenName, message, source: 'rest' } as const
    const options = { dryRun: dryRun === 'All' }
    const { steps, revision } = await this.store.commit(async (base) => changes(base), info, options)
    return { ...steps[0]!, revision }
  }

  #answer(write: Arrival<KindPath>, { action, after }: Step, accepted: Accepted): Resource {
    setWarnings(write.response, accepted.warnings)
    write.response.setHeader('ETag', `"${after!.metadata.resourceVersion}"`)
    write.response.status(action === 'created' ? 201 : 200)
    return toVersion(after!, write.path.version)
  }
}

/** The version that a body says it is based on: stale, it is a conflict. */
export function bodyVersion(resource: Resource): Expectation | undefined {
  const { resourceVersion } = resource.metadata
  return resourceVersion ? { state: { resourceVersion }, otherwise: 'conflict' } : undefined
}

export function withExpectation(expect: Expectation | undefined): { expect?: Expectation } {
  return expect === undefined ? {} : { expect }
}

function parsePatch(text: string): Record<string, unknown> {
  let patch: unknown
  try {
    patch = JSON.parse(text)
  } catch (error) {
    throw new Problem('bad-request', `The patch is not JSON: ${(error as Error).message}`)
  }
  if (typeof patch !== 'object' || patch === null || Array.isArray(patch)) {
    throw new Problem('bad-request', 'A merge patch of a resource is a JSON object.')
  }
  return patch as Record<string, unknown>
}

function checkKind(resource: Resource, kind: KindDefinition): void {
  if (resource.kind === kind.kind) return
  refuse([{ path: 'kind', message: `the path is for ${kind.kind}, the document is a ${resource.kind}`, code: 'path' }])
}

function checkPlace({ metadata }: Resource, path: { readonly namespace: string; readonly name?: string }): void {
  const fields = (['namespace', 'name'] as const).filter((field) => path[field] && metadata[field] !== path[field])
  if (fields.length === 0) return
  refuse(
    fields.map((field) => ({
      path: `metadata.${field}`,
      message: `the path says ${path[field]}, the document ${metadata[field]}`,
      code: 'path',
    })),
  )
}

function refuse(errors: readonly FieldProblem[]): never {
  throw new Problem('invalid', 'The document does not belong to this path.', { errors })
}

/** Kubernetes' clients may send DeleteOptions; to overlook preconditions in them would be worse than to refuse them. */
function refuseBody(request: Request): void {
  if (Number(request.headers['content-length'] ?? 0) === 0 && !('transfer-encoding' in request.headers)) return
  throw new Problem('bad-request', 'DELETE takes no body; a precondition goes into If-Match.', {
    headers: { Connection: 'close' },
  })
}

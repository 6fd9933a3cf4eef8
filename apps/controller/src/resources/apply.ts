import { Injectable } from '@nestjs/common'
import { ApplyQuery, type ApplyResult, type ApplyWarning, NamespaceName, RollbackQuery } from '@fairlead/api-client'
import { keyOf, type Resource } from '@fairlead/core/resources'
import type { z } from 'zod'
import type { RequestBody } from '../access/request-body.js'
import { parse } from '../problem/parse.js'
import { Problem } from '../problem/problem.js'
import type { Change, Step } from '../revisions/commit-plan.js'
import { type CommitBase, type CommitOutcome, RevisionStore } from '../revisions/revision-store.js'
import type { Arrival } from './arrival.js'
import { type Accepted, readDocuments } from './documents.js'
import { type LabelSelector, parseLabelSelector } from './label-selector.js'
import { parseQuery } from './query.js'
import { bodyVersion, withExpectation } from './resource-writes.js'

/** Many documents become one revision, or none of them does anything. */
@Injectable()
export class Apply {
  constructor(private readonly store: RevisionStore) {}

  async apply({ query, caller }: Arrival<object>, body: RequestBody): Promise<ApplyResult> {
    const wanted = readApply(query, body)
    const info = { author: caller.tokenName, message: wanted.message, source: 'apply' } as const
    const outcome = await this.store.commit((base) => changesOf(wanted, base), info, { dryRun: wanted.dryRun })
    return resultOf(
      outcome,
      wanted.dryRun,
      wanted.accepted.flatMap(({ warnings }) => warnings),
    )
  }

  /** What an apply would do, as steps from the present to the wanted state. Stores nothing. */
  async preview({ query, caller }: Arrival<object>, body: RequestBody): Promise<CommitOutcome> {
    const wanted = readApply(query, body)
    const info = { author: caller.tokenName, message: '', source: 'apply' } as const
    return this.store.commit((base) => changesOf(wanted, base), info, { dryRun: true })
  }

  async rollback(to: number, { query, caller }: Arrival<object>): Promise<ApplyResult> {
    const { message = `Roll back to revision ${to}`, dryRun } = parseQuery(RollbackQuery, query)
    const options = { dryRun: dryRun === 'All' }
    const outcome = await this.store.rollback(to, { author: caller.tokenName, message }, options)
    return resultOf(outcome, options.dryRun, [])
  }
}

interface WantedApply {
  readonly accepted: readonly Accepted[]
  readonly message: string
  readonly dryRun: boolean
  /** What is to be deleted when it is in no document; null: nothing. */
  readonly prune: LabelSelector | null
}

function readApply(query: unknown, body: RequestBody): WantedApply {
  const wanted = parseQuery(ApplyQuery, query)
  const namespace = parse(NamespaceName, wanted.namespace ?? 'default', 'bad-request', 'The namespace is no DNS label.')
  return {
    accepted: readDocuments(body, { namespace, allowPending: wanted.allowPending ?? false }),
    message: wanted.message ?? '',
    dryRun: wanted.dryRun === 'All',
    prune: pruneOf(wanted),
  }
}

/** One without the other is a mistake, and one of the two ways to make it deletes everything. */
function pruneOf({ prune = false, labelSelector = '' }: z.output<typeof ApplyQuery>): LabelSelector | null {
  if (prune !== (labelSelector.trim() !== '')) {
    throw new Problem('bad-request', 'prune=true and labelSelector need each other.', {
      errors: [{ path: prune ? 'labelSelector' : 'prune', message: 'is missing', code: 'required' }],
    })
  }
  return prune ? parseLabelSelector(labelSelector) : null
}

async function changesOf({ accepted, prune }: WantedApply, base: CommitBase): Promise<Change[]> {
  const changes = accepted.map(({ resource }): Change => ({
    key: keyOf(resource),
    desired: resource,
    ...withExpectation(bodyVersion(resource)),
  }))
  if (prune === null) return changes
  const kept = new Set(changes.map(({ key }) => key))
  const present = await base.resources()
  const pruned = [...present].filter(([key, { metadata }]) => !kept.has(key) && prune.matches(metadata.labels))
  return [...changes, ...pruned.map(([key]): Change => ({ key, desired: null }))]
}

function resultOf(outcome: CommitOutcome, dryRun: boolean, warnings: readonly ApplyWarning[]): ApplyResult {
  return {
    revision: outcome.revision,
    changed: outcome.changed,
    dryRun,
    results: outcome.steps.flatMap((step) => {
      const resource = step.after ?? step.before
      return resource === null ? [] : [resultLine(step, resource)]
    }),
    warnings: [...warnings],
  }
}

function resultLine({ action }: Step, { apiVersion, kind, metadata }: Resource): ApplyResult['results'][number] {
  return { apiVersion, kind, namespace: metadata.namespace, name: metadata.name, action }
}

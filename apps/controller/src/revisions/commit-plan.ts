import { keyOf, type Resource, type ResourceKey, sameMeaning } from '@fairlead/core/resources'
import { Problem, type ProblemCode } from '../problem/problem.js'

/** Names one resource by what identifies it. */
export interface ResourceId {
  readonly group: string
  readonly kind: string
  readonly namespace: string
  readonly name: string
}

/** What a writer wants of one resource. */
export interface Change {
  readonly key: ResourceKey
  /** Null: that it is not there. Its uid, age, generation and resourceVersion are the store's to give. */
  readonly desired: Resource | null
  readonly expect?: Expectation
  /** Rollback: the uid and age that the resource had. */
  readonly identity?: Identity
}

export interface Identity {
  readonly uid: string
  readonly creationTimestamp: string
}

/** What must hold of the resource when the change is made, and the problem it is when it does not. */
export interface Expectation {
  readonly state: 'absent' | 'present' | { readonly resourceVersion: string }
  readonly otherwise: ProblemCode
}

export type Action = 'created' | 'configured' | 'unchanged' | 'deleted'

/** What becomes of one resource. `after` is complete: uid, age, generation, and the new revision as its version. */
export interface Step {
  readonly key: ResourceKey
  readonly action: Action
  readonly before: Resource | null
  readonly after: Resource | null
}

export interface PlanContext {
  /** The number that the revision will have. */
  readonly revision: number
  /** RFC 3339, seconds. */
  readonly now: string
  readonly newUid: () => string
}

/**
 * Decides what each change does to the present state. A change to what is there already is `unchanged`, whatever its
 * spelling. Pure; runs under the lock that hands out revision numbers.
 * @throws Problem of the first expectation that does not hold
 */
export function planCommit(
  changes: readonly Change[],
  present: ReadonlyMap<ResourceKey, Resource>,
  context: PlanContext,
): Step[] {
  return changes.map((change) => {
    const before = present.get(change.key) ?? null
    if (change.expect !== undefined) check(change.expect, before, change)
    return step(change, before, context)
  })
}

function step({ key, desired, identity }: Change, before: Resource | null, context: PlanContext): Step {
  if (desired === null) return { key, action: before === null ? 'unchanged' : 'deleted', before, after: null }
  if (before !== null && sameMeaning(before, desired) && (!identity || identity.uid === before.metadata.uid)) {
    return { key, action: 'unchanged', before, after: before }
  }
  const generation = before?.metadata.generation ?? (identity ? (desired.metadata.generation ?? 0) : 0)
  const { labels, annotations, name, namespace } = desired.metadata
  const after: Resource = {
    apiVersion: desired.apiVersion,
    kind: desired.kind,
    metadata: {
      name,
      namespace,
      ...(labels && Object.keys(labels).length > 0 ? { labels } : {}),
      ...(annotations && Object.keys(annotations).length > 0 ? { annotations } : {}),
      uid: identity?.uid ?? before?.metadata.uid ?? context.newUid(),
      creationTimestamp: identity?.creationTimestamp ?? before?.metadata.creationTimestamp ?? context.now,
      resourceVersion: String(context.revision),
      generation: before !== null && sameSpec(before, desired) ? generation : generation + 1,
    },
    spec: desired.spec,
  }
  return { key: keyOf(after), action: before === null ? 'created' : 'configured', before, after }
}

function sameSpec(a: Resource, b: Resource): boolean {
  return sameMeaning({ ...a, metadata: b.metadata }, b)
}

function check({ state, otherwise }: Expectation, before: Resource | null, { key }: Change): void {
  const what = describeKey(key)
  if (state === 'absent') {
    if (before !== null) throw new Problem(otherwise, `${what} exists already.`)
  } else if (before === null) {
    throw new Problem(otherwise, `${what} does not exist.`)
  } else if (state !== 'present' && state.resourceVersion !== before.metadata.resourceVersion) {
    throw new Problem(
      otherwise,
      `${what} is at resourceVersion ${before.metadata.resourceVersion}, not ${state.resourceVersion}: ` +
        'it was changed meanwhile. Read it again and repeat the change.',
    )
  }
}

/** `networking.istio.io/VirtualService/prod/reviews` -> `VirtualService prod/reviews` */
function describeKey(key: ResourceKey): string {
  const [, kind, namespace, name] = key.split('/')
  return `${kind} ${namespace}/${name}`
}

import type { Report } from './report.js'

export interface RulesContext {
  /** Of the resource. */
  readonly namespace: string
  readonly name: string
}

/**
 * The semantic rules of a kind: what its schema cannot say. They see a spec of the schema's type, but its own
 * fields may be missing, and a list has a hole where an item did not fit: walk lists with forEach and the like, which
 * pass over holes.
 */
export type Rules<Spec> = (spec: Partial<Spec>, context: RulesContext, report: Report) => void

/** For each item the index of an earlier one with the same key, else undefined. Passes over holes. */
export function earlierSame<Item>(items: readonly Item[], keyOf: (item: Item) => unknown): (number | undefined)[] {
  const first = new Map<unknown, number>()
  return items.map((item, index) => {
    const key = keyOf(item)
    const earlier = first.get(key)
    if (earlier === undefined) first.set(key, index)
    return earlier
  })
}

import { type StatSchema } from '../telemetry/stat-block.js'
import { definitionOf, LIMIT_NAMES, type LimitName } from './limits.js'

export interface LimitStats {
  readonly schema: StatSchema
  /** The id of a limit's counter, for every limit that the owner of the block can hit. */
  readonly ids: ReadonlyMap<LimitName, number>
}

/** The schema with the counters of its scope's limits behind its own numbers. Limits may share a counter. */
export function withLimitStats(scope: 'listener' | 'cluster', own: StatSchema): LimitStats {
  const stats = [...own.stats]
  const ids = new Map<LimitName, number>()
  for (const limit of LIMIT_NAMES) {
    const name = definitionOf(limit)[scope]
    if (name === undefined) continue
    const known = stats.findIndex((stat) => stat.name === name)
    ids.set(limit, known >= 0 ? known : stats.push({ name, type: 'counter', help: `Hits of the limit ${limit}` }) - 1)
  }
  return { schema: { ...own, stats }, ids }
}

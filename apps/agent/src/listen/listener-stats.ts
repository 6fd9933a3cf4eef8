import { withLimitStats } from '../limits/limit-stats.js'
import { StatBlock, type StatSchema } from '../telemetry/stat-block.js'

/** Ids of a listener's numbers; order is that of the schema below. */
export const DOWNSTREAM_CX_TOTAL = 0
export const DOWNSTREAM_CX_ACTIVE = 1
export const DOWNSTREAM_CX_OVERFLOW = 2
export const DOWNSTREAM_CX_TX_BYTES_BUFFERED = 3

const LISTENER_STATS: StatSchema = {
  scope: 'listener',
  label: 'listener',
  histogram: null,
  stats: [
    { name: 'downstream_cx_total', type: 'counter', help: 'Connections accepted' },
    { name: 'downstream_cx_active', type: 'gauge', help: 'Connections open' },
    { name: 'downstream_cx_overflow', type: 'counter', help: 'Connections closed at once: too many were open' },
    { name: 'downstream_cx_tx_bytes_buffered', type: 'gauge', help: 'Bytes that clients have not taken yet' },
  ],
}

const { schema, ids } = withLimitStats('listener', LISTENER_STATS)

/** Counters of what clients can hit, by limit. */
export const LISTENER_STAT_OF = ids

export function createListenerStats(listener: string): StatBlock {
  return new StatBlock(schema, listener)
}

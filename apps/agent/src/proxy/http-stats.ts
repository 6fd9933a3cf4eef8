import { FLAG_NAMES } from '../http/outcome.js'
import { StatBlock, type StatDefinition, type StatSchema } from '../telemetry/stat-block.js'

/** Ids of a direction's numbers; order is that of the schema below. Names as those of Envoy's connection manager. */
export const DOWNSTREAM_RQ_TOTAL = 0
/** 1xx to 5xx follow each other: `DOWNSTREAM_RQ_CLASS + status class`. */
export const DOWNSTREAM_RQ_CLASS = 0
export const DOWNSTREAM_RQ_ACTIVE = 6
export const DOWNSTREAM_RQ_RX_RESET = 7
export const RETAINED_BODY_BYTES = 8
export const RETRIES_GIVEN_UP = 9
export const UPGRADES_TOTAL = 10
export const UPGRADES_ACTIVE = 11
export const UPGRADES_RX_BYTES = 12
export const UPGRADES_TX_BYTES = 13
export const UPGRADES_IDLE_TIMEOUT = 14
/** One counter a bit of the outcome's flags. */
export const RESPONSE_FLAG_FIRST = 15

const FLAG_STATS: readonly StatDefinition[] = FLAG_NAMES.map((flag) => ({
  name: `response_flag_${flag.toLowerCase()}`,
  type: 'counter',
  help: `Requests that ended with the response flag ${flag}`,
}))

const HTTP_STATS: StatSchema = {
  scope: 'http',
  label: 'direction',
  histogram: 'downstream_rq_time',
  stats: [
    { name: 'downstream_rq_total', type: 'counter', help: 'Requests begun' },
    { name: 'downstream_rq_1xx', type: 'counter', help: 'Interim responses passed on' },
    { name: 'downstream_rq_2xx', type: 'counter', help: 'Requests answered with 2xx' },
    { name: 'downstream_rq_3xx', type: 'counter', help: 'Requests answered with 3xx' },
    { name: 'downstream_rq_4xx', type: 'counter', help: 'Requests answered with 4xx' },
    { name: 'downstream_rq_5xx', type: 'counter', help: 'Requests answered with 5xx' },
    { name: 'downstream_rq_active', type: 'gauge', help: 'Requests under way' },
    { name: 'downstream_rq_rx_reset', type: 'counter', help: 'Requests whose client went away' },
    { name: 'retained_body_bytes', type: 'gauge', help: 'Request body kept for a retry' },
    { name: 'retries_given_up', type: 'counter', help: 'Requests with a body too long to be kept for a retry' },
    { name: 'downstream_cx_upgrades_total', type: 'counter', help: 'WebSocket tunnels begun' },
    { name: 'downstream_cx_upgrades_active', type: 'gauge', help: 'WebSocket tunnels open' },
    { name: 'downstream_cx_upgrades_rx_bytes_total', type: 'counter', help: 'Bytes that clients sent through tunnels' },
    {
      name: 'downstream_cx_upgrades_tx_bytes_total',
      type: 'counter',
      help: 'Bytes that upstreams sent through tunnels',
    },
    { name: 'downstream_cx_upgrades_idle_timeout', type: 'counter', help: 'Tunnels closed because they were idle' },
    ...FLAG_STATS,
  ],
}

export function createHttpStats(direction: string): StatBlock {
  return new StatBlock(HTTP_STATS, direction)
}

/** The end of one request, once. `status` 0: the client got none. `flags` as in `http/outcome.ts`. */
export function recordOutcome(stats: StatBlock, status: number, flags: number, durationMs: number): void {
  stats.add(DOWNSTREAM_RQ_ACTIVE, -1)
  if (status >= 100 && status < 600) stats.add(DOWNSTREAM_RQ_CLASS + Math.floor(status / 100), 1)
  for (let bits = flags, id = RESPONSE_FLAG_FIRST; bits !== 0; bits >>>= 1, id++) if (bits & 1) stats.add(id, 1)
  stats.latency!.record(durationMs * 1000)
}

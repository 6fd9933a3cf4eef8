import { withLimitStats } from '../limits/limit-stats.js'
import { StatBlock, type StatSchema } from '../telemetry/stat-block.js'

/** Ids of a cluster's numbers; order is that of the schema below. Names as Envoy's. */
export const UPSTREAM_RQ_TOTAL = 0
/** 1xx to 5xx follow each other: `UPSTREAM_RQ_CLASS + status class`. */
export const UPSTREAM_RQ_CLASS = 0
export const UPSTREAM_RQ_ACTIVE = 6
export const UPSTREAM_RQ_PENDING_ACTIVE = 7
export const UPSTREAM_RQ_PENDING_OVERFLOW = 8
export const UPSTREAM_RQ_PENDING_FAILURE_EJECT = 9
export const UPSTREAM_RQ_RETRY = 10
export const UPSTREAM_RQ_RETRY_LIMIT_EXCEEDED = 11
export const UPSTREAM_RQ_TIMEOUT = 12
export const UPSTREAM_RQ_PER_TRY_TIMEOUT = 13
export const UPSTREAM_RQ_RX_RESET = 14
export const UPSTREAM_RQ_TX_RESET = 15
export const UPSTREAM_CX_TOTAL = 16
export const UPSTREAM_CX_ACTIVE = 17
export const UPSTREAM_CX_CONNECT_FAIL = 18
export const UPSTREAM_CX_CONNECT_TIMEOUT = 19
export const UPSTREAM_CX_NONE_HEALTHY = 20
export const UPDATE_ATTEMPT = 21
export const UPDATE_FAILURE = 22
export const MEMBERSHIP_TOTAL = 23
export const UPSTREAM_CX_TX_BYTES_BUFFERED = 24

const CLUSTER_STATS: StatSchema = {
  scope: 'cluster',
  label: 'cluster',
  histogram: 'upstream_rq_time',
  stats: [
    { name: 'upstream_rq_total', type: 'counter', help: 'Tries sent or about to be sent' },
    { name: 'upstream_rq_1xx', type: 'counter', help: 'Interim responses of tries' },
    { name: 'upstream_rq_2xx', type: 'counter', help: 'Tries that ended with 2xx' },
    { name: 'upstream_rq_3xx', type: 'counter', help: 'Tries that ended with 3xx' },
    { name: 'upstream_rq_4xx', type: 'counter', help: 'Tries that ended with 4xx' },
    { name: 'upstream_rq_5xx', type: 'counter', help: 'Tries that ended with 5xx' },
    { name: 'upstream_rq_active', type: 'gauge', help: 'Tries under way, waiting ones included' },
    { name: 'upstream_rq_pending_active', type: 'gauge', help: 'Tries that wait for a connection' },
    { name: 'upstream_rq_pending_overflow', type: 'counter', help: 'Tries refused because too many waited' },
    { name: 'upstream_rq_pending_failure_eject', type: 'counter', help: 'Tries failed while they waited' },
    { name: 'upstream_rq_retry', type: 'counter', help: 'Retries' },
    { name: 'upstream_rq_retry_limit_exceeded', type: 'counter', help: 'Requests that ran out of retries' },
    { name: 'upstream_rq_timeout', type: 'counter', help: 'Requests that hit the route timeout' },
    { name: 'upstream_rq_per_try_timeout', type: 'counter', help: 'Tries that hit the per-try timeout' },
    { name: 'upstream_rq_rx_reset', type: 'counter', help: 'Tries that the upstream ended' },
    { name: 'upstream_rq_tx_reset', type: 'counter', help: 'Tries that were given up here' },
    { name: 'upstream_cx_total', type: 'counter', help: 'Connections opened' },
    { name: 'upstream_cx_active', type: 'gauge', help: 'Connections open' },
    { name: 'upstream_cx_connect_fail', type: 'counter', help: 'Connections that could not be opened' },
    { name: 'upstream_cx_connect_timeout', type: 'counter', help: 'Connections that took too long to open' },
    { name: 'upstream_cx_none_healthy', type: 'counter', help: 'Tries for which there was no endpoint' },
    { name: 'update_attempt', type: 'counter', help: 'DNS resolutions begun' },
    { name: 'update_failure', type: 'counter', help: 'DNS resolutions failed' },
    { name: 'membership_total', type: 'gauge', help: 'Endpoints' },
    { name: 'upstream_cx_tx_bytes_buffered', type: 'gauge', help: 'Bytes that endpoints have not taken yet' },
  ],
}

const { schema, ids } = withLimitStats('cluster', CLUSTER_STATS)

/** Counters of what endpoints, or the wait for them, can hit, by limit. */
export const CLUSTER_STAT_OF = ids

export function createClusterStats(cluster: string): StatBlock {
  return new StatBlock(schema, cluster)
}

import type { EntityManager } from 'typeorm'

/**
 * One transaction's handle, passed down to whoever takes part in it. Inside a transaction nobody may await anything that
 * uses another connection: the embedded database would fail the wait, and a server's pool can run dry.
 */
export type Transaction = EntityManager

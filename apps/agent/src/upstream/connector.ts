import { type ClientConnection, type ClientConnectionOwner } from '../http/exchange.js'
import { type StatBlock } from '../telemetry/stat-block.js'

/** Opens connections: the place where transport and codec are chosen. Tests bring their own. */
export interface Connector {
  /** `address` is an IP or `unix:///path`. Never calls back from within. */
  connect(address: string, port: number, timeoutMs: number, owner: ConnectOwner): ConnectAttempt
}

/** Hears of one attempt exactly one of these two, unless it was cancelled; then of the connection. */
export interface ConnectOwner extends ClientConnectionOwner {
  /** Of the cluster. */
  readonly stats: StatBlock
  onConnected(attempt: ConnectAttempt, connection: ClientConnection): void
  onConnectFailed(attempt: ConnectAttempt, timedOut: boolean): void
}

export interface ConnectAttempt {
  /** Gives up; nothing is heard of it any more. */
  cancel(): void
}

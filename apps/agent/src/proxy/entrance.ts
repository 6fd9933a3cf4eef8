import { type RequestHandler, type ServerExchange } from '../http/exchange.js'
import { type StatBlock } from '../telemetry/stat-block.js'
import { forwardingRules, type ForwardingRules } from './forwarding-rules.js'
import { type HttpProxy } from './http-proxy.js'

/** Which of the agent's sockets a request came through, and what that says of where it wants to go. */
export interface EntranceOptions {
  readonly direction: 'outbound' | 'inbound' | 'gateway'
  /** Key of its listener among `Tables.bound`; null: outbound, the original destination's port finds the listener. */
  readonly bindKey: string | null
  /** Service port that requests here are meant for; 0: the authority of each request says it. */
  readonly destinationPort: number
  /** Stands for every request's own authority (an outbound bind); null: the request's. */
  readonly authority: Uint8Array | null
}

/** One a socket; hands each of its requests to the proxy. */
export class Entrance implements RequestHandler {
  readonly bindKey: string | null
  readonly destinationPort: number
  readonly authority: Uint8Array | null
  readonly rules: ForwardingRules

  constructor(
    options: EntranceOptions,
    private readonly proxy: HttpProxy,
    readonly stats: StatBlock,
  ) {
    this.bindKey = options.bindKey
    this.destinationPort = options.destinationPort
    this.authority = options.authority
    this.rules = forwardingRules(options.direction, proxy.environment.trustedHops)
  }

  onRequest(exchange: ServerExchange): void {
    this.proxy.begin(exchange, this)
  }
}

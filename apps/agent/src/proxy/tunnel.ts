import {
  type ClientExchange,
  RESET_LIMIT,
  RESET_LOCAL,
  RESET_REMOTE,
  type ResetReason,
  type ResponseSink,
  type ServerExchange,
  type ServerExchangeOwner,
} from '../http/exchange.js'
import { FLAG_STREAM_IDLE_TIMEOUT, FLAG_UPSTREAM_CONNECTION_TERMINATION } from '../http/outcome.js'
import { Timer, type TimerOwner, type TimerWheel } from '../io/timer-wheel.js'
import { type StatBlock } from '../telemetry/stat-block.js'
import { downstreamResetFlag } from './failures.js'
import {
  DOWNSTREAM_RQ_RX_RESET,
  UPGRADES_ACTIVE,
  UPGRADES_IDLE_TIMEOUT,
  UPGRADES_RX_BYTES,
  UPGRADES_TOTAL,
  UPGRADES_TX_BYTES,
} from './http-stats.js'

export interface TunnelOwner {
  /** Once, last. `flags` as in `http/outcome.ts`; 0: both directions ended by themselves. */
  onTunnelEnd(flags: number): void
}

/** The two exchanges that a 101 joins. */
export interface TunnelEnds {
  readonly downstream: ServerExchange
  readonly upstream: ClientExchange
}

/**
 * Carries bytes between two exchanges after their 101, in both directions, until both have ended or one is lost. Each
 * direction passes on its half-close. Nothing is kept here: who can't send stops the other side's reads.
 *
 * `idleMs` without a byte in either direction end it. As in Istio no route timeout applies, nor a stream's idle timeout
 * (5 min in Envoy, switched off by Istio's `StreamIdleTimeout: 0`): quiet is a WebSocket's usual state.
 */
export class Tunnel implements TimerOwner {
  private readonly idleTimer: Timer
  private isOver = false

  /** Takes over both exchanges, whose 101 was passed on. */
  constructor(
    private readonly ends: TunnelEnds,
    private readonly owner: TunnelOwner,
    private readonly stats: StatBlock,
    wheel: TimerWheel,
    private readonly idleMs: number,
  ) {
    this.idleTimer = new Timer(wheel, this)
    this.idleTimer.arm(idleMs)
    stats.add(UPGRADES_TOTAL, 1)
    stats.add(UPGRADES_ACTIVE, 1)
    ends.downstream.owner = new ClientBytes(this, ends)
    ends.upstream.handOver(new UpstreamBytes(this, ends))
  }

  onTimer(): void {
    this.stats.add(UPGRADES_IDLE_TIMEOUT, 1)
    this.breakOff(FLAG_STREAM_IDLE_TIMEOUT)
  }

  /** `stat`: of the direction that the bytes went. */
  onBytes(stat: number, count: number): void {
    this.stats.add(stat, count)
    this.idleTimer.arm(this.idleMs)
  }

  onClientLost(reason: ResetReason): void {
    this.stats.add(DOWNSTREAM_RQ_RX_RESET, 1)
    this.breakOff(downstreamResetFlag(reason))
  }

  /** One end is lost, or both: what is left of the other goes, too. */
  breakOff(flags: number): void {
    this.ends.upstream.reset(RESET_LOCAL)
    this.ends.downstream.reset(RESET_REMOTE)
    this.end(flags)
  }

  end(flags: number): void {
    if (this.isOver) return
    this.isOver = true
    this.idleTimer.release()
    this.stats.add(UPGRADES_ACTIVE, -1)
    this.owner.onTunnelEnd(flags)
  }
}

class ClientBytes implements ServerExchangeOwner {
  constructor(
    private readonly tunnel: Tunnel,
    private readonly ends: TunnelEnds,
  ) {}

  onData(bytes: Uint8Array, start: number, end: number): boolean {
    this.tunnel.onBytes(UPGRADES_RX_BYTES, end - start)
    return this.ends.upstream.sendData(bytes, start, end)
  }

  onEnd(): void {
    this.ends.upstream.endRequest(null)
  }

  onResponseWritable(): void {
    this.ends.upstream.resumeResponse()
  }

  onRequestReset(reason: ResetReason): void {
    this.tunnel.onClientLost(reason)
  }

  onStreamIdle(): void {
    // Messages have that deadline; a tunnel has its own.
  }

  onExchangeEnd(): void {
    this.tunnel.end(0)
  }
}

/** Takes what is left of the upstream's messages: bytes, and their end. */
class UpstreamBytes implements ResponseSink {
  constructor(
    private readonly tunnel: Tunnel,
    private readonly ends: TunnelEnds,
  ) {}

  onData(bytes: Uint8Array, start: number, end: number): boolean {
    this.tunnel.onBytes(UPGRADES_TX_BYTES, end - start)
    return this.ends.downstream.sendData(bytes, start, end)
  }

  onEnd(): void {
    this.ends.downstream.endResponse(null)
  }

  onRequestWritable(): void {
    this.ends.downstream.resumeRequestBody()
  }

  onResponseReset(reason: ResetReason): void {
    this.tunnel.breakOff(reason === RESET_LIMIT ? FLAG_STREAM_IDLE_TIMEOUT : FLAG_UPSTREAM_CONNECTION_TERMINATION)
  }

  onUpgrade(): void {
    this.onMessage()
  }

  onInformational(): void {
    this.onMessage()
  }

  onResponse(): void {
    this.onMessage()
  }

  /** There are none within a tunnel. */
  private onMessage(): void {
    throw new Error('a message within a tunnel')
  }
}

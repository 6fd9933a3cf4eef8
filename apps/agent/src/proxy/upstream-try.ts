// HOT: runs per request. Measure before and after.
import { type RequestView } from '@fairlead/core/routing/request-view'
import { type ClientExchange, type ResetReason } from '../http/exchange.js'
import { type ResponseHead } from '../http/head.js'
import { type LeaseFailure, type PoolWaiter } from '../upstream/connection-pool.js'
import { type ProxiedRequest } from './proxied-request.js'

/**
 * The upstream's end of a proxied request. An object of its own only because a body sink is one for each direction:
 * it tells `onData` of the answer from `onData` of the request. One a request, reused for all its tries.
 */
export class UpstreamTry implements PoolWaiter {
  waitingSinceMs = 0

  constructor(private readonly request: ProxiedRequest) {}

  onLeased(exchange: ClientExchange): void {
    this.request.onLeased(exchange)
  }

  onLeaseFailed(failure: LeaseFailure): void {
    this.request.onLeaseFailed(failure)
  }

  onInformational(head: ResponseHead): void {
    this.request.onInformational(head)
  }

  onUpgrade(head: ResponseHead): void {
    this.request.onUpgrade(head)
  }

  onResponse(head: ResponseHead, endOfMessage: boolean): void {
    this.request.onResponse(head, endOfMessage)
  }

  onData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.request.onResponseData(bytes, start, end)
  }

  onEnd(trailers: RequestView | null): void {
    this.request.onResponseEnd(trailers)
  }

  onRequestWritable(): void {
    this.request.onRequestWritable()
  }

  onResponseReset(reason: ResetReason): void {
    this.request.onResponseReset(reason)
  }
}

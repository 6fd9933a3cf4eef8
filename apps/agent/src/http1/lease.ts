// HOT: runs per request. Measure before and after.
import { type RequestView } from '@fairlead/core/routing/request-view'
import { type ClientExchange, type ResetReason, type ResponseSink } from '../http/exchange.js'
import { type RequestEdits } from '../http/head.js'

/** One exchange's hold on the connection: dead after it, so that a late call can't hit the next exchange. */
export class Lease implements ClientExchange {
  private wasUntouched = false

  constructor(private connection: ClientExchange | null) {}

  get untouched(): boolean {
    return this.connection === null ? this.wasUntouched : this.connection.untouched
  }

  end(untouched: boolean): void {
    this.wasUntouched = untouched
    this.connection = null
  }

  sendRequest(head: RequestView, edits: RequestEdits, bodyLength: number, endOfMessage: boolean): void {
    this.connection?.sendRequest(head, edits, bodyLength, endOfMessage)
  }

  sendData(bytes: Uint8Array, start: number, end: number): boolean {
    return this.connection === null || this.connection.sendData(bytes, start, end)
  }

  endRequest(trailers: RequestView | null): void {
    this.connection?.endRequest(trailers)
  }

  resumeResponse(): void {
    this.connection?.resumeResponse()
  }

  handOver(sink: ResponseSink): void {
    this.connection?.handOver(sink)
  }

  reset(reason: ResetReason): void {
    this.connection?.reset(reason)
  }
}

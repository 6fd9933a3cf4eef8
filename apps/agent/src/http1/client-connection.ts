import type { ClientConnection, ClientConnectionOwner } from '../http/exchange.js'
import { type ByteStream } from '../io/byte-stream.js'
import { type TimerWheel } from '../io/timer-wheel.js'
import { type Http1Limits } from './limits.js'

/** Speaks HTTP/1.1 on a connected stream: sets the stream's handler and resumes it. One slot. */
export function createHttp1ClientConnection(
  _stream: ByteStream,
  _owner: ClientConnectionOwner,
  _wheel: TimerWheel,
  _limits: Http1Limits,
): ClientConnection {
  throw new Error('not built yet')
}

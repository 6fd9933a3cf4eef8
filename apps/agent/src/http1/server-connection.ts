import type { ConnectionAttributes } from '../http/connection-attributes.js'
import type { RequestHandler, ServerConnection, ServerConnectionOwner } from '../http/exchange.js'
import { type ByteStream } from '../io/byte-stream.js'
import { type TimerWheel } from '../io/timer-wheel.js'
import { type Http1Limits } from './limits.js'

/** Serves HTTP/1.x on an accepted stream: sets the stream's handler and resumes it. */
export function createHttp1ServerConnection(
  _stream: ByteStream,
  _attributes: ConnectionAttributes,
  _handler: RequestHandler,
  _owner: ServerConnectionOwner,
  _wheel: TimerWheel,
  _limits: Http1Limits,
): ServerConnection {
  throw new Error('not built yet')
}

import type { ServerDuplexStream, status } from '@grpc/grpc-js'
import type { AgentMessage, ControllerMessage } from '@fairlead/proto'

export type StreamCall = ServerDuplexStream<AgentMessage, ControllerMessage>

/** A peer that does not read what was written before the status is not waited for longer. */
const FLUSH_MAX_MS = 5_000

/** Ends a stream with a status, after what was written to it. */
export function failCall(call: StreamCall, code: status, details: string): void {
  if (call.cancelled || call.destroyed) return
  // How grpc-js wants to be told; it has a listener of its own for it.
  call.emit('error', { code, details })
  destroyUnlessFlushed(call)
}

/** Ends a stream with OK, after what was written to it. */
export function endCall(call: StreamCall): void {
  call.end()
  destroyUnlessFlushed(call)
}

function destroyUnlessFlushed(call: StreamCall): void {
  const timer = setTimeout(() => call.destroy(), FLUSH_MAX_MS).unref()
  call.once('close', () => clearTimeout(timer))
}

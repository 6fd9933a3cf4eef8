import type { Server } from 'node:http'
import { setTimeout as delay } from 'node:timers/promises'

/**
 * Stops listening and lets requests finish; what is still open after `graceMs` is cut. Node closes idle connections at
 * once, but a keep-alive one that becomes idle later only when it is asked again.
 */
export async function drain(server: Server, graceMs: number): Promise<void> {
  const closed = new Promise<void>((resolve) => server.close(() => resolve()))
  const done = new AbortController()
  const sweep = async () => {
    const deadline = performance.now() + graceMs
    while (!done.signal.aborted && performance.now() < deadline) {
      server.closeIdleConnections()
      await delay(20)
    }
    if (!done.signal.aborted) server.closeAllConnections()
  }
  await Promise.all([closed.then(() => done.abort()), sweep()])
}

import { Connection, type ClientOptions } from './connection.js'
import { meshCalls } from './mesh-calls.js'
import { operatorCalls } from './operator-calls.js'
import { resourceCalls } from './resource-calls.js'

export type Client = ReturnType<typeof createClient>

/**
 * A typed client of one controller.
 * Every call throws ApiError (it answered no), ServerUnreachable (no answer), or AbortError (the caller's signal).
 * @throws TypeError when the server is no http(s) URL.
 */
export function createClient(options: ClientOptions) {
  const connection = new Connection(options)
  return {
    server: connection.server,
    ...resourceCalls(connection),
    ...meshCalls(connection),
    ...operatorCalls(connection),
  }
}

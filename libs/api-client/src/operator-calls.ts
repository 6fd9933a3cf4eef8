import type { Connection } from './connection.js'
import { ApiError } from './errors.js'
import { routes } from './routes.js'
import type { Agent } from './schemas/agent.js'
import type { NewToken } from './schemas/token.js'

/** Agents, tokens, archive and the server itself: what an operator asks. */
export function operatorCalls(connection: Connection) {
  const agentCall =
    (
      route: typeof routes.getAgent | typeof routes.deleteAgent | typeof routes.drainAgent | typeof routes.undrainAgent,
    ) =>
    (namespace: string, name: string) =>
      connection.call(route, { params: { namespace, name } })
  return {
    agents: async (namespace?: string): Promise<readonly Agent[]> =>
      namespace === undefined
        ? (await connection.call(routes.listAgents)).items
        : (await connection.call(routes.listNamespacedAgents, { params: { namespace } })).items,
    agent: agentCall(routes.getAgent),
    forgetAgent: agentCall(routes.deleteAgent),
    drain: agentCall(routes.drainAgent),
    undrain: agentCall(routes.undrainAgent),

    tokens: async () => (await connection.call(routes.listTokens)).items,
    createToken: (token: NewToken) => connection.call(routes.createToken, { body: token }),
    revokeToken: (name: string) => connection.call(routes.revokeToken, { params: { name } }),

    exportArchive: (): AsyncGenerator<Uint8Array> =>
      connection.stream(routes.exportArchive, { accept: 'application/x-ndjson' }),
    importArchive: (archive: string | AsyncIterable<Uint8Array>) =>
      connection.call(routes.importArchive, { body: archive, contentType: 'application/x-ndjson' }),

    version: () => connection.call(routes.version),
    /** False while the server starts or has lost its database. @throws ServerUnreachable */
    ready: async (): Promise<boolean> => {
      try {
        await connection.text(routes.readyz, { accept: 'text/plain' })
        return true
      } catch (error) {
        if (error instanceof ApiError && error.status === 503) return false
        throw error
      }
    },
  }
}

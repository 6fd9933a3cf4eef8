import { unlink } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { connect, isIPv6, type ListenOptions } from 'node:net'
import { text, type Endpoint, type Reply } from './endpoint.js'

export type ServerAddress = { readonly host: string; readonly port: number } | { readonly path: string }

export interface EndpointServerOptions {
  /** For the message when the address is taken. */
  readonly name: string
  readonly address: ServerAddress
  readonly endpoints: readonly Endpoint[]
  /** Null: go on. */
  readonly refuse?: (request: IncomingMessage) => Reply | null
}

export interface EndpointServer {
  /** `127.0.0.1:15000`, with the real port; or `unix:///path`. */
  readonly address: string
  /** Closes the listener and every connection. */
  close(): Promise<void>
}

/** People and scrapers: far fewer than these at a time. */
const CONNECTIONS_MAX = 128
const REQUEST_TIMEOUT_MS = 10_000

/** Serves a table of endpoints. Rejects with one line for people if the address cannot be bound. */
export async function serveEndpoints(options: EndpointServerOptions): Promise<EndpointServer> {
  const server = createServer(
    { maxHeaderSize: 8 * 1024, headersTimeout: REQUEST_TIMEOUT_MS, requestTimeout: REQUEST_TIMEOUT_MS },
    (request, response) => void answer(options, request, response),
  )
  server.maxConnections = CONNECTIONS_MAX
  try {
    await bind(server, options.address)
  } catch (error) {
    const { code, message } = error as NodeJS.ErrnoException
    const why = code === 'EADDRINUSE' ? 'another process listens there' : message
    throw new Error(`cannot listen on ${textOf(options.address)} for ${options.name}: ${why}`)
  }
  return {
    address: addressOf(server),
    close: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}

async function answer(options: EndpointServerOptions, request: IncomingMessage, response: ServerResponse) {
  // Nothing here takes a body: what comes is thrown away, and the request's deadline bounds it.
  request.resume()
  const reply = await replyTo(options, request)
  response.writeHead(reply.status, {
    'content-type': reply.type,
    'content-length': Buffer.byteLength(reply.body),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
    ...(reply.allow === undefined ? {} : { allow: reply.allow }),
  })
  response.end(request.method === 'HEAD' ? undefined : reply.body)
}

async function replyTo(options: EndpointServerOptions, request: IncomingMessage): Promise<Reply & { allow?: string }> {
  const refusal = options.refuse?.(request) ?? null
  if (refusal !== null) return refusal
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  const endpoints = options.endpoints.filter((endpoint) => endpoint.path === path)
  if (endpoints.length === 0) return text(`no such path: ${path}`, 404)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const endpoint = endpoints.find((candidate) => candidate.method === method)
  if (endpoint === undefined) {
    const allow = endpoints.map((candidate) => candidate.method).join(', ')
    return { ...text(`${path} takes ${allow}`, 405), allow }
  }
  try {
    return await endpoint.handle(new URLSearchParams(query))
  } catch (error) {
    return text((error as Error).message, 500)
  }
}

async function bind(server: Server, address: ServerAddress): Promise<void> {
  if (!('path' in address)) return listen(server, address)
  await removeDeadSocket(address.path)
  // Who may connect is decided by the file's mode, so it is never wider, not even for a moment: bind(2) is called
  // before listen returns.
  const umask = process.umask(0o177)
  const listening = listen(server, address)
  process.umask(umask)
  return listening
}

function listen(server: Server, address: ListenOptions): Promise<void> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(address, () => {
      server.off('error', reject)
      resolve()
    })
  })
}

/** A socket file whose process is gone refuses connections, but still takes the name. */
async function removeDeadSocket(path: string): Promise<void> {
  const isDead = await new Promise<boolean>((resolve) => {
    const probe = connect(path, () => done(false))
    probe.once('error', (error: NodeJS.ErrnoException) => done(error.code === 'ECONNREFUSED'))
    const done = (dead: boolean) => {
      probe.destroy()
      resolve(dead)
    }
  })
  if (isDead) await unlink(path)
}

function addressOf(server: Server): string {
  const address = server.address()
  if (address === null || typeof address === 'string') return textOf({ path: address ?? '' })
  return textOf({ host: address.address, port: address.port })
}

function textOf(address: ServerAddress): string {
  if ('path' in address) return `unix://${address.path}`
  return `${isIPv6(address.host) ? `[${address.host}]` : address.host}:${address.port}`
}

import type { IncomingMessage } from 'node:http'
import { isIPv4 } from 'node:net'
import { text, type Reply } from './endpoint.js'

/**
 * Keeps web pages away from a server on loopback: a page whose DNS name was rebound to 127.0.0.1 sends that name as
 * Host, and a page that posts across origins sends its own Origin. Loopback names pass, and an Origin that is this very
 * server. A unix socket is out of a browser's reach, and clients put anything in Host there.
 */
export function refuseForeignCaller(request: IncomingMessage): Reply | null {
  if (request.socket.localAddress === undefined) return null
  const host = request.headers.host ?? ''
  if (!isLoopbackName(host)) return text(`Host '${host}' is not this agent`, 403)
  const origin = request.headers.origin
  if (origin !== undefined && origin !== `http://${host}`)
    return text(`Origin '${origin}' may not call this agent`, 403)
  return null
}

function isLoopbackName(host: string): boolean {
  const name = host.replace(/:\d+$/, '').toLowerCase()
  return name === 'localhost' || name === '[::1]' || (isIPv4(name) && name.startsWith('127.'))
}

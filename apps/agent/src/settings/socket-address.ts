import { isIP } from 'node:net'
import { UsageError } from './usage-error.js'

/** An IP address without brackets, and a port. */
export interface SocketAddress {
  readonly host: string
  readonly port: number
}

/**
 * Reads `ADDR:PORT`, `[::1]:PORT` or `PORT` (then `defaultHost`). Names are refused: what a listener binds must not
 * depend on a resolver. Throws a UsageError that names `flag`.
 */
export function parseSocketAddress(flag: string, text: string, defaultHost: string): SocketAddress {
  const match = /^(?:(?:\[([^\]]*)\]|([^:]*)):)?(\d+)$/.exec(text)
  if (match === null) {
    throw new UsageError(`${flag}: '${text}' is no listener; expected ADDR:PORT, [IPV6]:PORT or PORT`)
  }
  const [, bracketed, plain, digits] = match
  const host = bracketed ?? plain ?? defaultHost
  if (isIP(host) === 0 || (bracketed !== undefined && isIP(bracketed) !== 6)) {
    throw new UsageError(`${flag}: '${host}' in '${text}' is no IP address`)
  }
  return { host, port: parsePort(flag, digits!) }
}

/** 0 to 65535. 0 means "any free port" to those that allow it. */
export function parsePort(flag: string, digits: string): number {
  const port = Number(digits)
  if (!/^\d{1,5}$/.test(digits) || port > 65535) {
    throw new UsageError(`${flag}: port ${digits} is out of range; expected 1 to 65535`)
  }
  return port
}

/** `127.0.0.1:80`, `[::1]:80`. */
export function formatSocketAddress({ host, port }: SocketAddress): string {
  return isIP(host) === 6 ? `[${host}]:${port}` : `${host}:${port}`
}

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}

/** Whether the kernel would refuse to bind both. A wildcard takes the port on every address, `::` also those of IPv4. */
export function overlaps(a: SocketAddress, b: SocketAddress): boolean {
  if (a.port !== b.port || a.port === 0) return false
  return a.host === b.host || isWildcard(a.host, b.host) || isWildcard(b.host, a.host)
}

function isWildcard(host: string, other: string): boolean {
  return host === '::' || (host === '0.0.0.0' && isIP(other) === 4)
}

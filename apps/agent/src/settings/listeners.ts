import { isIP } from 'node:net'
import {
  formatSocketAddress,
  isLoopback,
  overlaps,
  parsePort,
  parseSocketAddress,
  type SocketAddress,
} from './socket-address.js'
import { UsageError } from './usage-error.js'

/** A port of the local application and where this agent receives traffic for it. */
export interface InboundBind extends SocketAddress {
  readonly applicationPort: number
  /** IP address that the application listens on: 127.0.0.1, unless several share a port of this host. */
  readonly applicationAddress: string
}

/** A listener for applications that know no proxy: everything on it goes to one service of the mesh. */
export interface OutboundBind extends SocketAddress {
  readonly destination: { readonly host: string; readonly port: number }
}

export interface UnixSocket {
  readonly path: string
}

/** Null: not opened. */
export interface Listeners {
  readonly inbound: readonly InboundBind[]
  readonly outbound: SocketAddress | null
  readonly outboundBinds: readonly OutboundBind[]
  readonly admin: SocketAddress | UnixSocket | null
  readonly health: SocketAddress | null
  readonly metrics: SocketAddress | null
}

/** `BIND=PORT` or `BIND=ADDR:PORT`; BIND without an address is on `defaultHost`. */
export function parseInbound(flag: string, text: string, defaultHost: string): InboundBind {
  const [bind, target] = splitPair(flag, text, 'BIND=LOCALPORT')
  const address = parseSocketAddress(flag, bind, defaultHost)
  const application = parseSocketAddress(flag, target, '127.0.0.1')
  // The bind travels to the controller before it is opened, and other agents dial it: it must be known.
  if (address.port === 0 || application.port === 0) {
    throw new UsageError(`${flag}: '${text}': port 0 is not possible here`)
  }
  if (overlaps(address, application)) throw new UsageError(`${flag}: '${text}' leads back to itself`)
  return { ...address, applicationPort: application.port, applicationAddress: application.host }
}

/** `LISTENER=HOST:PORT`; HOST is a name in the mesh or an IP address. */
export function parseOutboundBind(flag: string, text: string): OutboundBind {
  const [bind, destination] = splitPair(flag, text, 'ADDR:PORT=HOST:PORT')
  return { ...parseSocketAddress(flag, bind, '127.0.0.1'), destination: parseAuthority(flag, destination) }
}

/** `HOST:PORT` or `[IPV6]:PORT`, to be dialled or looked up. Host in lower case, without brackets. */
export function parseAuthority(flag: string, text: string): { readonly host: string; readonly port: number } {
  const match = /^(?:\[([^\]]+)\]|([^:]+)):(\d+)$/.exec(text)
  const host = (match?.[1] ?? match?.[2] ?? '').toLowerCase()
  const isName = match?.[1] === undefined && /^[a-z0-9_]([-a-z0-9_.]{0,251}[a-z0-9_])?$/.test(host)
  if (match === null || (!isName && isIP(host) === 0)) {
    throw new UsageError(`${flag}: '${text}' is no destination; expected HOST:PORT`)
  }
  const port = parsePort(flag, match[3]!)
  if (port === 0) throw new UsageError(`${flag}: '${text}': port 0 cannot be reached`)
  return { host, port }
}

/** A listener, `unix:///PATH`, or `none`. Admin can stop the agent and shows its config, so it never leaves the host. */
export function parseAdmin(flag: string, text: string): SocketAddress | UnixSocket | null {
  if (text.startsWith('unix://')) {
    const path = text.slice('unix://'.length)
    // The kernel's sun_path has 108 bytes with the ending zero.
    if (!path.startsWith('/') || path.length > 107) {
      throw new UsageError(`${flag}: '${text}' is no socket; expected unix:///ABSOLUTE/PATH of at most 107 characters`)
    }
    return { path }
  }
  const address = parseOptional(flag, text)
  if (address !== null && !isLoopback(address.host)) {
    throw new UsageError(
      `${flag}: ${address.host} is not loopback; admin listens on 127.0.0.0/8, [::1] or unix:///PATH`,
    )
  }
  return address
}

/** A listener or `none`. */
export function parseOptional(flag: string, text: string): SocketAddress | null {
  return text === 'none' ? null : parseSocketAddress(flag, text, '127.0.0.1')
}

/** Throws a UsageError when two listeners claim one port, or two binds one application port, which names a cluster. */
export function checkDistinct(listeners: Listeners): void {
  listeners.inbound.forEach(({ applicationPort }, i) => {
    const isTaken = listeners.inbound.slice(0, i).some((earlier) => earlier.applicationPort === applicationPort)
    if (isTaken) throw new UsageError(`--inbound: application port ${applicationPort} is given twice`)
  })
  const named: [flag: string, address: SocketAddress][] = [
    ...listeners.inbound.map((bind): [string, SocketAddress] => ['--inbound', bind]),
    ...listeners.outboundBinds.map((bind): [string, SocketAddress] => ['--outbound-bind', bind]),
  ]
  const { outbound, admin, health, metrics } = listeners
  for (const [flag, address] of [
    ['--outbound', outbound],
    ['--admin', admin],
    ['--health', health],
    ['--metrics', metrics],
  ] as const) {
    if (address !== null && 'port' in address) named.push([flag, address])
  }
  named.forEach(([flag, address], i) => {
    const other = named.slice(0, i).find(([, earlier]) => overlaps(earlier, address))
    if (other !== undefined) {
      throw new UsageError(
        `${flag} ${formatSocketAddress(address)}: taken by ${other[0]} ${formatSocketAddress(other[1])}`,
      )
    }
  })
}

function splitPair(flag: string, text: string, expected: string): [string, string] {
  const equals = text.indexOf('=')
  if (equals < 1 || equals === text.length - 1) throw new UsageError(`${flag}: '${text}': expected ${expected}`)
  return [text.slice(0, equals), text.slice(equals + 1)]
}

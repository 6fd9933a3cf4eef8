/** Where a listener binds or a client connects. */
export interface HostPort {
  readonly host: string
  readonly port: number
}

/** Reads `127.0.0.1:8080`, `[::1]:8080` or `:8080` (every address); null for anything else. Port 0 lets the system choose. */
export function parseHostPort(text: string): HostPort | null {
  const match = /^(?:\[([0-9a-fA-F:.]+)\]|([^:[\]\s]*)):(\d{1,5})$/.exec(text)
  if (match === null) return null
  const port = Number(match[3])
  return port > 65535 ? null : { host: match[1] ?? (match[2] || '0.0.0.0'), port }
}

/** The spelling that `parseHostPort` reads and that a URL takes. */
export function formatHostPort({ host, port }: HostPort): string {
  return host.includes(':') ? `[${host}]:${port}` : `${host}:${port}`
}

/** Only 127.0.0.0/8, ::1 and the name localhost: what never leaves this host. */
export function isLoopback(host: string): boolean {
  return /^127(\.\d{1,3}){3}$/.test(host) || host === '::1' || host === 'localhost'
}

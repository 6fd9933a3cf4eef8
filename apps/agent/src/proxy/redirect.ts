import { type PathMatch, type RedirectAction } from '@fairlead/core/snapshot'
import { AUTHORITY, PATH, QUERY, SCHEME, type RequestView } from '@fairlead/core/routing/request-view'
import { type LocalReply } from '../http/head.js'
import { replacedBytes } from './target-rewrite.js'

const LOCATION = new TextEncoder().encode('location')

/**
 * Location of a redirect (S18, Envoy's RedirectAction). Not on the hot path: a redirect answers a client that then
 * goes elsewhere, so strings are fine.
 */
export class RedirectPlan {
  private readonly replaced: number

  constructor(
    private readonly action: RedirectAction,
    match: PathMatch | undefined,
  ) {
    this.replaced = replacedBytes(action.path?.kind ?? 'full', match)
  }

  /** `authority` stands for the request's own, null: keep it. `listenerPort` is what `from-request` means. */
  reply(view: RequestView, authority: Uint8Array | null, listenerPort: number, secure: boolean): LocalReply {
    const location = this.location(view, authority, listenerPort, secure)
    return {
      status: this.action.status,
      fields: [{ name: LOCATION, value: Buffer.from(location, 'latin1') }],
      body: null,
    }
  }

  private location(view: RequestView, authority: Uint8Array | null, listenerPort: number, secure: boolean): string {
    const requestScheme = text(view, SCHEME)?.toLowerCase() ?? (secure ? 'https' : 'http')
    const scheme = this.action.scheme ?? requestScheme
    const requestHost = authority === null ? (text(view, AUTHORITY) ?? '') : Buffer.from(authority).toString('latin1')
    return `${scheme}://${this.host(requestHost, requestScheme, scheme, listenerPort)}${this.target(view)}`
  }

  private host(requestHost: string, requestScheme: string, scheme: string, listenerPort: number): string {
    const { authority, port } = this.action
    if (port !== undefined) {
      const number = port === 'from-request' ? listenerPort : port
      const name = withoutPort(authority ?? requestHost)
      return number === defaultPort(scheme) ? name : `${name}:${number}`
    }
    if (authority !== undefined) return authority
    // The old scheme's default port means nothing under the new one.
    const isOldDefault = requestHost.endsWith(`:${defaultPort(requestScheme)}`) && scheme !== requestScheme
    return isOldDefault || requestHost.endsWith(`:${defaultPort(scheme)}`) ? withoutPort(requestHost) : requestHost
  }

  private target(view: RequestView): string {
    const path = text(view, PATH) ?? '/'
    const query = text(view, QUERY)
    const replacement = this.action.path?.value
    const kept = this.replaced < 0 ? '' : path.slice(this.replaced)
    const target = replacement === undefined ? path : Buffer.from(replacement, 'utf8').toString('latin1') + kept
    // A replacement with a query of its own wins over the request's.
    return query === null || target.includes('?') ? target : `${target}?${query}`
  }
}

function defaultPort(scheme: string): number {
  return scheme === 'https' ? 443 : 80
}

function withoutPort(authority: string): string {
  return authority.replace(/:\d*$/, '')
}

function text(view: RequestView, slot: number): string | null {
  const start = view.ranges[slot]!
  return start < 0 ? null : Buffer.from(view.bytes.subarray(start, view.ranges[slot + 1]!)).toString('latin1')
}

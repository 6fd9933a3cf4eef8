import { text, type Endpoint } from './endpoint.js'

/** What the probes ask. */
export interface Health {
  /** Null: ready. Else why not: no config yet, draining, stopping. */
  notReadyReason(): string | null
}

/** For load balancers and process supervisors; may be bound to the host's address. */
export function healthEndpoints(health: Health): readonly Endpoint[] {
  return [
    {
      method: 'GET',
      path: '/healthz/ready',
      help: '200 once config was applied, until the end begins; else 503',
      handle: () => {
        const reason = health.notReadyReason()
        return reason === null ? text('ready') : text(reason, 503)
      },
    },
    { method: 'GET', path: '/healthz/live', help: '200 while the process answers', handle: () => text('live') },
  ]
}

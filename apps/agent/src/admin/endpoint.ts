/** One row of a server's table. The table is the server's documentation too: admin's index prints it. */
export interface Endpoint {
  readonly method: 'GET' | 'POST'
  readonly path: string
  /** For people, in the index. */
  readonly help: string
  handle(query: URLSearchParams): Reply | Promise<Reply>
}

export interface Reply {
  readonly status: number
  readonly type: string
  readonly body: string
}

export function text(body: string, status = 200): Reply {
  return { status, type: 'text/plain; charset=utf-8', body: body.endsWith('\n') ? body : `${body}\n` }
}

export function json(value: unknown): Reply {
  return { status: 200, type: 'application/json', body: `${JSON.stringify(value, null, 2)}\n` }
}

/** Prometheus text format 0.0.4. */
export function prometheus(body: string): Reply {
  return { status: 200, type: 'text/plain; version=0.0.4; charset=utf-8', body }
}

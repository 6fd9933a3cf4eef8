/**
 * Raw responses and what the client gets: 502 when nothing usable came, else the exact bytes (a chunked body between `<`
 * and `>`); then whether the upstream connection is `kept`, `closed`, a `tunnel`, or both sides were `cut` in the middle.
 */
export interface ResponseRow {
  readonly name: string
  readonly input: string
  readonly expected: 502 | string
  readonly fate: 'kept' | 'closed' | 'tunnel' | 'cut'
  readonly method: 'GET' | 'HEAD'
  readonly minor: 0 | 1
  /** The upstream sends FIN behind it. */
  readonly fin: boolean
  /** The request asked for a WebSocket. */
  readonly upgrade: boolean
}

export const E = '\r\n'
export const head = (...lines: string[]) => [...lines, '', ''].join(E)
export const ok = (body: string, ...lines: string[]) => head('HTTP/1.1 200 OK', ...lines) + body
export const chunked = (body: string) => ok(body, 'Transfer-Encoding: chunked')
export const row = (name: string, input: string, expected: 502 | string, fate: ResponseRow['fate'] = 'kept', more: Partial<ResponseRow> = {}): ResponseRow =>
  ({ name, input, expected, fate: expected === 502 ? 'closed' : fate, method: 'GET', minor: 1, fin: false, upgrade: false, ...more })
export const HI = ok('hi', 'content-length: 2')

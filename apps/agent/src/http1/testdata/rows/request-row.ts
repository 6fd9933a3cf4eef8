/**
 * Raw requests and what becomes of them: a number is the status that refuses the request, nothing of it forwarded; a
 * string the exact bytes forwarded (a chunked body stands between `<` and `>`, then its trailers), of all requests in the
 * row; a pair both, for what is refused half-way.
 */
export type RequestRow = readonly [name: string, input: string, expected: number | string | readonly [string, number]]

export const E = '\r\n'
/** `GET /` with these lines. */
export const get = (...lines: string[]) => ['GET / HTTP/1.1', ...lines, '', ''].join(E)
/** A request line, and a Host. */
export const line = (requestLine: string) => [requestLine, 'Host: a', '', ''].join(E)
export const post = (body: string, ...lines: string[]) =>
  ['POST / HTTP/1.1', 'Host: a', ...lines, '', ''].join(E) + body
export const chunked = (body: string) => post(body, 'Transfer-Encoding: chunked')
/** The forwarded form of a GET with these fields. */
export const got = (target: string, host: string, ...lines: string[]) =>
  [`GET ${target} HTTP/1.1`, `host: ${host}`, ...lines, '', ''].join(E)
export const posted = (body: string, ...lines: string[]) =>
  ['POST / HTTP/1.1', 'host: a', ...lines, '', ''].join(E) + body
export const chunkedOut = (body: string, ...fields: string[]) => posted(body, ...fields, 'transfer-encoding: chunked')
/** The forwarded form of the plainest request. */
export const A = got('/', 'a')
export const UPGRADE = ['connection: upgrade', 'upgrade: websocket']

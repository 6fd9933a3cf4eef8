/**
 * Raw responses and what the client gets: 502 when nothing usable came, else the exact bytes (a chunked body between `<`
 * and `>`); then whether the upstream connection is `kept`, `closed`, or both sides were `cut` in the middle.
 */
export interface ResponseRow {
  readonly name: string
  readonly input: string
  readonly expected: 502 | string
  readonly fate: 'kept' | 'closed' | 'cut'
  readonly method: 'GET' | 'HEAD'
  readonly minor: 0 | 1
  /** The upstream sends FIN behind it. */
  readonly fin: boolean
}

const E = '\r\n'
const head = (...lines: string[]) => [...lines, '', ''].join(E)
const ok = (body: string, ...lines: string[]) => head('HTTP/1.1 200 OK', ...lines) + body
const chunked = (body: string) => ok(body, 'Transfer-Encoding: chunked')
const row = (name: string, input: string, expected: 502 | string, fate: ResponseRow['fate'] = 'kept', more: Partial<ResponseRow> = {}): ResponseRow =>
  ({ name, input, expected, fate: expected === 502 ? 'closed' : fate, method: 'GET', minor: 1, fin: false, ...more })
const HI = ok('hi', 'content-length: 2')

export const RESPONSE_ROWS: readonly ResponseRow[] = [
  row('a length', ok('hi', 'Content-Length: 2'), HI),
  row('fields in order, as they came', ok('hi', 'B: 1', 'A: 2', 'Content-Length: 2', 'B: 3'), ok('hi', 'B: 1', 'A: 2', 'B: 3', 'content-length: 2')),
  row('an empty body', ok('', 'Content-Length: 0'), ok('', 'content-length: 0')),
  row('chunks', chunked('1\r\nh\r\n1\r\ni\r\n0\r\n\r\n'), ok('<hi>', 'transfer-encoding: chunked')),
  row('chunks with a trailer', chunked('2\r\nhi\r\n0\r\nX: 1\r\n\r\n'), ok('<hi>X: 1\r\n', 'transfer-encoding: chunked')),
  row('a trailer that must not go on', chunked('2\r\nhi\r\n0\r\nSet-Cookie: 1\r\n\r\n'), ok('<hi>', 'transfer-encoding: chunked')),
  row('chunk extensions', chunked('2;a=b\r\nhi\r\n0\r\n\r\n'), ok('<hi>', 'transfer-encoding: chunked')),
  row('until close', ok('hi'), ok('<hi>', 'transfer-encoding: chunked'), 'closed', { fin: true }),
  row('an empty body until close', ok(''), ok('<>', 'transfer-encoding: chunked'), 'closed', { fin: true }),
  row('until close, to HTTP/1.0', ok('hi'), ok('hi', 'connection: close'), 'closed', { fin: true, minor: 0 }),
  row('chunks to HTTP/1.0', chunked('2\r\nhi\r\n0\r\nX: 1\r\n\r\n'), ok('hi', 'connection: close'), 'kept', { minor: 0 }),
  row('a length to HTTP/1.0', ok('hi', 'Content-Length: 2'), ok('hi', 'content-length: 2', 'connection: close'), 'kept', { minor: 0 }),
  row('HTTP/1.0', head('HTTP/1.0 200 OK', 'Content-Length: 2') + 'hi', HI, 'closed'),
  row('Connection: close', ok('hi', 'Content-Length: 2', 'Connection: close'), HI, 'closed'),
  row('Connection: Close among others', ok('hi', 'Content-Length: 2', 'Connection: x, Close', 'X: 1'), HI, 'closed'),
  row('Keep-Alive is dropped', ok('hi', 'Content-Length: 2', 'Connection: keep-alive', 'Keep-Alive: timeout=5'), HI),
  row('Connection names Content-Length', ok('hi', 'Content-Length: 2', 'Connection: Content-Length'), HI),
  row('Upgrade is dropped', ok('hi', 'Content-Length: 2', 'Upgrade: h2c'), HI),
  row('HEAD with a length', ok('', 'Content-Length: 5'), head('HTTP/1.1 200 OK', 'Content-Length: 5'), 'kept', { method: 'HEAD' }),
  row('HEAD with chunked', ok('', 'Transfer-Encoding: chunked'), head('HTTP/1.1 200 OK'), 'kept', { method: 'HEAD' }),
  row('HEAD without a length', ok(''), head('HTTP/1.1 200 OK'), 'kept', { method: 'HEAD' }),
  row('HEAD with a body', ok('hello', 'Content-Length: 5'), head('HTTP/1.1 200 OK', 'Content-Length: 5'), 'closed', { method: 'HEAD' }),
  row('204', head('HTTP/1.1 204 No Content', 'X: y'), head('HTTP/1.1 204 No Content', 'X: y')),
  row('204 with a length of 0', head('HTTP/1.1 204 No Content', 'Content-Length: 0'), head('HTTP/1.1 204 No Content')),
  row('204 with a length', head('HTTP/1.1 204 No Content', 'Content-Length: 2') + 'hi', 502),
  row('204 with chunks', head('HTTP/1.1 204 No Content', 'Transfer-Encoding: chunked') + '0\r\n\r\n', 502),
  row('304 with a length', head('HTTP/1.1 304 Not Modified', 'Content-Length: 9', 'ETag: "x"'), head('HTTP/1.1 304 Not Modified', 'Content-Length: 9', 'ETag: "x"')),
  row('304', head('HTTP/1.1 304 Not Modified'), head('HTTP/1.1 304 Not Modified')),
  row('404', head('HTTP/1.1 404 Not Found', 'Content-Length: 0'), head('HTTP/1.1 404 Not Found', 'content-length: 0')),
  row('an unknown status', head('HTTP/1.1 799 Odd', 'Content-Length: 0'), head('HTTP/1.1 799 ', 'content-length: 0')),
  row('another reason', head('HTTP/1.1 200 Sure', 'Content-Length: 2') + 'hi', HI),
  row('a reason with high bytes', head('HTTP/1.1 200 \xe9', 'Content-Length: 2') + 'hi', HI),
  row('an empty reason', head('HTTP/1.1 200 ', 'Content-Length: 2') + 'hi', HI),
  row('no reason and no space', head('HTTP/1.1 200', 'Content-Length: 2') + 'hi', HI),
  row('100 first', head('HTTP/1.1 100 Continue') + HI, head('HTTP/1.1 100 Continue') + HI),
  row('103 first', head('HTTP/1.1 103 Early Hints', 'Link: x') + HI, head('HTTP/1.1 103 Early Hints', 'Link: x') + HI),
  row('several 1xx', head('HTTP/1.1 102 P') + head('HTTP/1.1 103 E') + HI, head('HTTP/1.1 102 Processing') + head('HTTP/1.1 103 Early Hints') + HI),
  row('1xx to HTTP/1.0', head('HTTP/1.1 103 Early Hints') + ok('hi', 'Content-Length: 2'), ok('hi', 'content-length: 2', 'connection: close'), 'kept', { minor: 0 }),
  row('1xx with a length', head('HTTP/1.1 103 E', 'Content-Length: 2') + HI, 502),
  row('17 1xx', head('HTTP/1.1 103 E').repeat(17) + HI, head('HTTP/1.1 103 Early Hints').repeat(16) + 'BAD', 'closed'),
  row('101 that nobody asked for', head('HTTP/1.1 101 Switching Protocols', 'Upgrade: websocket', 'Connection: Upgrade'), 502),
  row('a second response', HI + HI, HI, 'closed'),
  row('bytes behind the body', HI + 'x', HI, 'closed'),
  row('bytes behind the chunks', chunked('2\r\nhi\r\n0\r\n\r\nx'), ok('<hi>', 'transfer-encoding: chunked'), 'closed'),
  row('CL and TE', ok('0\r\n\r\n', 'Content-Length: 5', 'Transfer-Encoding: chunked'), 502),
  row('two lengths', ok('hi', 'Content-Length: 2', 'Content-Length: 3'), 502),
  row('two equal lengths', ok('hi', 'Content-Length: 2', 'Content-Length: 2'), 502),
  row('a list of lengths', ok('hi', 'Content-Length: 2, 2'), 502),
  row('an empty length', ok('hi', 'Content-Length:'), 502),
  row('a signed length', ok('hi', 'Content-Length: +2'), 502),
  row('a length beyond 2^53 - 1', ok('hi', 'Content-Length: 9007199254740992'), 502),
  row('a wrong length in answer to HEAD', ok('', 'Content-Length: x'), 502, 'closed', { method: 'HEAD' }),
  row('gzip', ok('0\r\n\r\n', 'Transfer-Encoding: gzip'), 502),
  row('gzip, chunked', ok('0\r\n\r\n', 'Transfer-Encoding: gzip, chunked'), 502),
  row('two TE', ok('0\r\n\r\n', 'Transfer-Encoding: chunked', 'Transfer-Encoding: chunked'), 502),
  row('TE in HTTP/1.0', head('HTTP/1.0 200 OK', 'Transfer-Encoding: chunked') + '0\r\n\r\n', 502),
  row('Content_Length', ok('hi', 'Content_Length: 2'), 502),
  row('a bare LF line end', 'HTTP/1.1 200 OK\nContent-Length: 2\n\nhi', 502),
  row('a bare CR in a value', ok('hi', 'X: a\rb', 'Content-Length: 2'), 502),
  row('a NUL in a value', ok('hi', 'X: a\0b', 'Content-Length: 2'), 502),
  row('a NUL in the reason', head('HTTP/1.1 200 O\0K', 'Content-Length: 0'), 502),
  row('a folded value', ok('hi', 'X: a', ' b', 'Content-Length: 2'), 502),
  row('space before the colon', ok('hi', 'Content-Length : 2'), 502),
  row('an empty name', ok('hi', ': 2', 'Content-Length: 2'), 502),
  row('a first line that begins with a space', ok('hi', ' X: 2', 'Content-Length: 2'), 502),
  row('HTTP/2', head('HTTP/2.0 200 OK'), 502),
  row('HTTP/1.2', head('HTTP/1.2 200 OK'), 502),
  row('a lower-case version', head('http/1.1 200 OK'), 502),
  row('a status of two digits', head('HTTP/1.1 20 OK'), 502),
  row('a status of four digits', head('HTTP/1.1 2000 OK'), 502),
  row('a status below 100', head('HTTP/1.1 099 OK'), 502),
  row('a status of letters', head('HTTP/1.1 abc OK'), 502),
  row('two spaces before the status', head('HTTP/1.1  200 OK'), 502),
  row('a tab before the status', head('HTTP/1.1\t200 OK'), 502),
  row('an empty line first', E + HI, 502),
  row('a request instead of a response', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', 502),
  row('garbage', '\x00\x01\x02', 502),
  row('FIN before anything', '', 502, 'closed', { fin: true }),
  row('FIN within the head', 'HTTP/1.1 200 OK\r\nX: y', 502, 'closed', { fin: true }),
  row('FIN within the body', ok('h', 'Content-Length: 2'), ok('h', 'content-length: 2'), 'cut', { fin: true }),
  row('FIN within chunks', chunked('5\r\nhi'), ok('<hi', 'transfer-encoding: chunked'), 'cut', { fin: true }),
  row('FIN before the last chunk', chunked('2\r\nhi\r\n'), ok('<hi', 'transfer-encoding: chunked'), 'cut', { fin: true }),
  row('a bad chunk size', chunked('2\r\nhi\r\nx\r\n'), ok('<hi', 'transfer-encoding: chunked'), 'cut'),
  row('a bare LF behind a chunk', chunked('2\r\nhi\n0\r\n\r\n'), ok('<hi', 'transfer-encoding: chunked'), 'cut'),
  row('a bad trailer', chunked('2\r\nhi\r\n0\r\nX\r\n\r\n'), ok('<hi', 'transfer-encoding: chunked'), 'cut'),
  row('101 fields', ok('', ...Array.from({ length: 101 }, (_, i) => `X${i}: y`)), 502),
  row('a head beyond 64 KiB', ok('', `X: ${'y'.repeat(65_536)}`), 502),
]

/**
 * What a client may try so that two parties disagree on where a request ends. Targets begin with the row's own word;
 * those with `hidden` in them lie within a body or behind an error, and are never a request.
 */
export interface SmugglingRow {
  readonly name: string
  /** Each in a write of its own. */
  readonly pieces: readonly string[]
  /** `METHOD TARGET` of each request that the client framed, in order. */
  readonly framed: readonly string[]
  /** The status that an agent refuses the rest with, or null. */
  readonly refused: number | null
  /** Sent when the first answer is there. */
  readonly afterAnswer: string
  /** FIN behind the last piece. */
  readonly halfClose: boolean
}

type More = Partial<Pick<SmugglingRow, 'afterAnswer' | 'halfClose'>>

const HIDDEN = 'GET /hidden HTTP/1.1\r\nHost: a\r\n\r\n'
const request = (line: string, fields: readonly string[], body = '') =>
  [`${line} HTTP/1.1`, 'Host: a', ...fields, '', ''].join('\r\n') + body
const get = (target: string, ...fields: string[]) => request(`GET ${target}`, fields)
const post = (target: string, fields: readonly string[], body: string) => request(`POST ${target}`, fields, body)
const sized = (target: string, body: string, ...fields: string[]) =>
  post(target, [`Content-Length: ${body.length}`, ...fields], body)
const chunked = (target: string, body: string, ...fields: string[]) =>
  post(target, ['Transfer-Encoding: chunked', ...fields], body)
const row = (
  name: string,
  pieces: string | readonly string[],
  framed: readonly string[],
  refused: number | null = null,
  { afterAnswer = '', halfClose = false }: More = {},
): SmugglingRow => ({ name, pieces: [pieces].flat(), framed, refused, afterAnswer, halfClose })

/** A body that ends a chunked message at once and a sized one never where the other does. */
const TWO_READINGS = `0\r\n\r\n${HIDDEN}`
const bothFramings = (...fields: string[]) => post('/two', fields, TWO_READINGS)

const lengthsAndCodings: readonly SmugglingRow[] = [
  row('CL.TE', bothFramings(`Content-Length: ${TWO_READINGS.length}`, 'Transfer-Encoding: chunked'), [], 400),
  row('TE.CL', bothFramings('Transfer-Encoding: chunked', 'Content-Length: 4'), [], 400),
  row('CL.TE with a length of 0', bothFramings('Content-Length: 0', 'Transfer-Encoding: chunked'), [], 400),
  row('two lengths, the last one longer', bothFramings('Content-Length: 5', 'Content-Length: 40'), [], 400),
  row('two lengths in one field', bothFramings('Content-Length: 5, 40'), [], 400),
  row('a length and a folded one', bothFramings('Content-Length: 5', ' 0'), [], 400),
  row('CL.0: a body that is a request', sized('/cl.0', HIDDEN) + get('/cl.0/2'), ['POST /cl.0', 'GET /cl.0/2']),
  row('0.CL: a GET with a body that is a request', request('GET /0.cl', [`Content-Length: ${HIDDEN.length}`], HIDDEN) + get('/0.cl/2'), ['GET /0.cl', 'GET /0.cl/2']),
  row('TE.0: a chunk that is a request', chunked('/te.0', `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`) + get('/te.0/2'), ['POST /te.0', 'GET /te.0/2']),
  row('a GET with a chunk that is a request', request('GET /get.te', ['Transfer-Encoding: chunked'], `${HIDDEN.length.toString(16)}\r\n${HIDDEN}\r\n0\r\n\r\n`) + get('/get.te/2'), ['GET /get.te', 'GET /get.te/2']),
  row('OPTIONS with a body that is a request', request('OPTIONS /options', [`Content-Length: ${HIDDEN.length}`], HIDDEN) + get('/options/2'), ['OPTIONS /options', 'GET /options/2']),
  row('HEAD with a body that is a request', request('HEAD /head', [`Content-Length: ${HIDDEN.length}`], HIDDEN) + get('/head/2'), ['HEAD /head', 'GET /head/2']),
  row('a body that looks like chunks', sized('/looks', TWO_READINGS) + get('/looks/2'), ['POST /looks', 'GET /looks/2']),
  row('a content coding named chunked', sized('/coding', TWO_READINGS, 'Content-Encoding: chunked'), ['POST /coding']),
  row('a field name that overflows 8 bits', sized('/long', HIDDEN, `Content-Length0${'a'.repeat(256)}: x`), ['POST /long']),
  row('a field whose name begins as Content-Length', sized('/longer', HIDDEN, 'Content-Length2: 0', 'XContent-Length: 0'), ['POST /longer']),
] // prettier-ignore

const codingsInDisguise: readonly SmugglingRow[] = [
  ['an unknown coding', 'Transfer-Encoding: xchunked'], ['a space first', ' Transfer-Encoding: chunked'],
  ['a space before the colon', 'Transfer-Encoding : chunked'], ['a tab before the value', 'Transfer-Encoding:\tchunked'],
  ['a bare LF before it', 'X: x\nTransfer-Encoding: chunked'], ['a bare LF before the colon', 'Transfer-Encoding\n: chunked'],
  ['a bare CR before it', 'X: x\rTransfer-Encoding: chunked'], ['CR LF CR before it', 'X: x\r\n\rTransfer-Encoding: chunked'],
  ['a cow behind it', 'Transfer-Encoding: chunked\r\nTransfer-Encoding: cow'],
  ['identity before it', 'Transfer-Encoding: identity\r\nTransfer-Encoding: chunked'],
  ['identity in its list', 'Transfer-Encoding: identity, chunked'], ['chunked, identity', 'Transfer-Encoding: chunked, identity'],
  ['quotes', 'Transfer-Encoding: "chunked"'], ['single quotes', "Transfer-Encoding: 'chunked'"],
  ['a letter less', 'Transfer-Encoding: chunke'], ['a high octet', 'Transfer-Encoding: chunked\x96'],
  ['a NUL before the name', '\0Transfer-Encoding: chunked'], ['a NUL behind', 'Transfer-Encoding: chunked\0'],
  ['a vertical tab', 'Transfer-Encoding:\x0bchunked'], ['a form feed', 'Transfer-Encoding:\x0cchunked'],
  ['an underscore', 'Transfer_Encoding: chunked'], ['a fold before the value', 'Transfer-Encoding:\r\n chunked'],
  ['a parameter', 'Transfer-Encoding: chunked;q=1'], ['an empty element', 'Transfer-Encoding: ,chunked'],
  ['nothing at all', 'Transfer-Encoding:'], ['a long s', 'Tran\xc5\xbffer-Encoding: chunked'],
].map(([name, fields]) => row(`TE.TE: ${name}`, bothFramings('Content-Length: 4', fields!), [], 400)) // prettier-ignore

const lengthsInDisguise: readonly SmugglingRow[] = [
  'Content-Length : 38', 'Content_Length: 38', ' Content-Length: 38', 'Content-Length:\r\n 38', 'Content-Length: \x0b38',
  'Content-Length: 38\0', 'Content-Length: +38', 'Content-Length: 38 ,', 'Content-Length: 0x26', 'Content-Length: 38.0',
  'Content\0-Length: 38', 'Content-Length\xa0: 38', 'X: \rContent-Length: 38', 'X: \nContent-Length: 38',
].map((field) => row(`0.CL: ${JSON.stringify(field)}`, post('/disguised', [field], HIDDEN), [], 400)) // prettier-ignore

const chunks: readonly SmugglingRow[] = [
  ['a bare LF behind an extension', `2;\nxx\r\n0\r\n\r\n${HIDDEN}`], ['a bare LF behind a size', `2\nxx\r\n0\r\n\r\n${HIDDEN}`],
  ['a bare CR behind a size', `2\rxx\r\n0\r\n\r\n${HIDDEN}`], ['a bare CR in an extension', `2;\rxx\r\n0\r\n\r\n${HIDDEN}`],
  ['LF for the end of the data', `2\r\nxx\n0\r\n\r\n${HIDDEN}`], ['other octets for the end of the data', `2\r\nxx!!0\r\n\r\n${HIDDEN}`],
  ['no end of the data', `2\r\nxx0\r\n\r\n${HIDDEN}`], ['a size that is too small', `2\r\nxxx\r\n0\r\n\r\n${HIDDEN}`],
  ['a size of 2^64', `10000000000000000\r\n\r\n0\r\n\r\n${HIDDEN}`], ['a size of 2^64 + 2', `10000000000000002\r\nxx\r\n0\r\n\r\n${HIDDEN}`],
  ['a size of -1', `-1\r\nxx\r\n0\r\n\r\n${HIDDEN}`], ['a size in 0x', `0x2\r\nxx\r\n0\r\n\r\n${HIDDEN}`],
  ['a size with a space before', ` 2\r\nxx\r\n0\r\n\r\n${HIDDEN}`], ['a size and a NUL', `2\0\r\nxx\r\n0\r\n\r\n${HIDDEN}`],
  ['an empty size', `\r\nxx\r\n0\r\n\r\n${HIDDEN}`], ['LF behind the last size', `0\n\n${HIDDEN}`], ['LF behind the trailers', `0\r\nX: y\n\n${HIDDEN}`],
  ['a folded trailer', `0\r\nX: y\r\n z\r\n\r\n${HIDDEN}`], ['a trailer without a colon', `0\r\nGET /hidden HTTP/1.1\r\n\r\n`],
].map(([name, body]) => row(`chunks with ${name}`, chunked('/chunks', body!), [], 400)) // prettier-ignore

const chunksThatPass: readonly SmugglingRow[] = [
  row('an extension that looks like a chunk', chunked('/ext', `2;a="2"\r\nxx\r\n0;0\r\n\r\n`) + get('/ext/2'), ['POST /ext', 'GET /ext/2']),
  row('trailers that would frame and route', chunked('/trailers', '0\r\nContent-Length: 50\r\nTransfer-Encoding: gzip\r\nHost: b\r\nConnection: close\r\n\r\n') + get('/trailers/2'), ['POST /trailers', 'GET /trailers/2']),
  row('an empty line behind a body', sized('/crlf', 'x') + '\r\n' + get('/crlf/2'), ['POST /crlf', 'GET /crlf/2']),
  row('two empty lines behind a body', sized('/crlf2', 'x') + '\r\n\r\n' + get('/hidden'), ['POST /crlf2'], 400),
] // prettier-ignore

const connectionOptions: readonly SmugglingRow[] = [
  'Content-Length', 'Host', 'Transfer-Encoding', 'Connection', 'close, Content-Length', 'X-Forwarded-For', 'Expect', 'Upgrade', 'keep-alive, TE',
].map((option) => row(`Connection: ${option}`, sized('/option', HIDDEN, `Connection: ${option}`), ['POST /option'])) // prettier-ignore

const upgrades: readonly SmugglingRow[] = [
  row('h2c and its preface', get('/h2c', 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__') + 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', ['GET /h2c'], 400),
  row('HTTP/2 with prior knowledge', 'PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n\0\0\0\x04\0\0\0\0\0', [], 400),
  row('h2c with a body', sized('/h2c', HIDDEN, 'Connection: Upgrade, HTTP2-Settings', 'Upgrade: h2c', 'HTTP2-Settings: AAMAAABkAAQAAP__'), ['POST /h2c']),
  row('a WebSocket that is not accepted', get('/ws', 'Connection: Upgrade', 'Upgrade: websocket', 'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==', 'Sec-WebSocket-Version: 13') + get('/ws/2'), ['GET /ws', 'GET /ws/2']),
  row('a WebSocket with a body that is a request', request('GET /ws', ['Connection: Upgrade', 'Upgrade: websocket', `Content-Length: ${HIDDEN.length}`], HIDDEN), ['GET /ws']),
  row('bytes behind CONNECT', `CONNECT a:80 HTTP/1.1\r\nHost: a:80\r\n\r\n${HIDDEN}`, [], 501),
] // prettier-ignore

const targets: readonly SmugglingRow[] = [
  row('Host contradicts an absolute target', `GET http://a/hidden HTTP/1.1\r\nHost: b\r\n\r\n`, [], 400),
  row('userinfo before the host', `GET http://b@a/hidden HTTP/1.1\r\nHost: a\r\n\r\n`, [], 400),
  row('a backslash and userinfo', `GET http://b\\@a/hidden HTTP/1.1\r\nHost: a\r\n\r\n`, [], 400),
  row('a target that begins with @', get('@b/hidden'), [], 400),
  row('two targets', get('/hidden http://b/'), [], 400),
  row('two versions', get('/hidden HTTP/1.1'), [], 400),
  row('a request line in a target', get('/hidden\rGET'), [], 400),
  row('a second Host with a space', get('/hidden', 'Host : b'), [], 400),
  row('a second Host behind a bare LF', get('/hidden', 'X: y\nHost: b'), [], 400),
  row('a Host and another one', `GET /hidden HTTP/1.1\r\nHost: a, b\r\n\r\n`, [], 400),
] // prettier-ignore

const order: readonly SmugglingRow[] = [
  row('a request behind an error', get('/order') + 'GET\r\n\r\n' + HIDDEN, ['GET /order'], 400),
  row('a request behind a refused one', get('/order') + bothFramings('Content-Length: 4', 'Transfer-Encoding: chunked') + HIDDEN, ['GET /order'], 400),
  row('a request behind a long method', `${'A'.repeat(40)} /hidden HTTP/1.1\r\nHost: a\r\n\r\n${HIDDEN}`, [], 501),
  row('a request behind another version', `GET /hidden HTTP/1.10\r\nHost: a\r\n\r\n${HIDDEN}`, [], 400),
  row('a request behind Connection: close', get('/order', 'Connection: close') + HIDDEN, ['GET /order']),
  row('a request behind HTTP/1.0', `GET /order HTTP/1.0\r\nHost: a\r\n\r\n${HIDDEN}`, ['GET /order']),
  row('HTTP/1.0 that is kept alive', `GET /order HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\n\r\n${get('/order/2')}`, ['GET /order', 'GET /order/2']),
  row('chunks in HTTP/1.0', `POST /order HTTP/1.0\r\nHost: a\r\nConnection: keep-alive\r\nTransfer-Encoding: chunked\r\n\r\n${TWO_READINGS}`, [], 400),
  row('a body in HTTP/1.0 without a length', `POST /order HTTP/1.0\r\nHost: a\r\n\r\n${HIDDEN}`, ['POST /order']),
  row('HEAD between two', get('/order') + request('HEAD /order/2', []) + get('/order/3'), ['GET /order', 'HEAD /order/2', 'GET /order/3']),
  row('fifty in a row', Array.from({ length: 50 }, (_, i) => (i % 3 === 0 ? sized(`/many/${i}`, HIDDEN) : get(`/many/${i}`))).join(''), Array.from({ length: 50 }, (_, i) => `${i % 3 === 0 ? 'POST' : 'GET'} /many/${i}`)),
] // prettier-ignore

const pauses: readonly SmugglingRow[] = [
  row('a pause before the body', [post('/pause', [`Content-Length: ${HIDDEN.length}`], ''), HIDDEN, get('/pause/2')], ['POST /pause', 'GET /pause/2']),
  row('a pause within a body', [sized('/pause', `x${HIDDEN}`).slice(0, -HIDDEN.length), HIDDEN, get('/pause/2')], ['POST /pause', 'GET /pause/2']),
  row('a pause within the empty line', [get('/pause').slice(0, -1), `\n${get('/pause/2')}`], ['GET /pause', 'GET /pause/2']),
  row('an early answer, then the body', post('/early/body', [`Content-Length: ${HIDDEN.length}`], ''), ['POST /early/body'], null, { afterAnswer: HIDDEN }),
  row('an early answer, then chunks', chunked('/early/chunks', `3\r\nabc\r\n`), ['POST /early/chunks'], null, { afterAnswer: `0\r\n\r\n` }),
  row('an early answer, then the body and a request', post('/early/next', [`Content-Length: ${HIDDEN.length}`], HIDDEN.slice(0, 5)), ['POST /early/next', 'GET /next'], null, { afterAnswer: HIDDEN.slice(5) + get('/next') }),
  row('an early answer, then broken chunks', chunked('/early/broken', `3\r\nabc\r\n`), ['POST /early/broken'], null, { afterAnswer: `x\r\n${HIDDEN}` }),
] // prettier-ignore

const expectations: readonly SmugglingRow[] = [
  row('a body that waits for no 100', sized('/expect', HIDDEN, 'Expect: 100-continue') + get('/expect/2'), ['POST /expect', 'GET /expect/2']),
  row('an expectation without a body', get('/expect', 'Expect: 100-continue') + get('/expect/2'), ['GET /expect', 'GET /expect/2']),
  row('an expectation of an empty body', sized('/expect', '', 'Expect: 100-continue') + get('/expect/2'), ['POST /expect', 'GET /expect/2']),
  row('a final answer to an expectation, then the body', post('/early/expect', [`Content-Length: ${HIDDEN.length}`, 'Expect: 100-continue'], ''), ['POST /early/expect'], null, { afterAnswer: HIDDEN }),
  row('an obfuscated expectation', sized('/hidden', HIDDEN, 'Expect: y 100-continue'), [], 400),
  row('an expectation with a line break', sized('/hidden', HIDDEN, 'Expect:\n100-continue'), [], 400),
  row('two expectations', sized('/hidden', HIDDEN, 'Expect: 100-continue, 100-continue'), [], 400),
  row('an unknown expectation', sized('/hidden', HIDDEN, 'Expect: 200-ok'), [], 417),
] // prettier-ignore

const halfCloses: readonly SmugglingRow[] = [
  row('FIN behind a request', get('/half'), ['GET /half'], null, { halfClose: true }),
  row('FIN behind three requests', get('/half') + sized('/half/2', 'x') + get('/half/3'), ['GET /half', 'POST /half/2', 'GET /half/3'], null, { halfClose: true }),
  row('FIN within a body', post('/hidden', ['Content-Length: 50'], HIDDEN), [], null, { halfClose: true }),
  row('FIN within a chunk', chunked('/hidden', `50\r\n${HIDDEN}`), [], null, { halfClose: true }),
  row('FIN within a head', get('/hidden').slice(0, -2), [], null, { halfClose: true }),
] // prettier-ignore

export const SMUGGLING_ROWS: readonly SmugglingRow[] = [
  ...lengthsAndCodings, ...codingsInDisguise, ...lengthsInDisguise, ...chunks, ...chunksThatPass, ...connectionOptions,
  ...upgrades, ...targets, ...order, ...pauses, ...expectations, ...halfCloses,
] // prettier-ignore

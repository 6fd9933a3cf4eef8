/** One response as it stood on the wire, framing removed. */
export interface StrictResponse {
  readonly version: '1.0' | '1.1'
  readonly status: number
  /** Names in lower case, in order. */
  readonly fields: readonly (readonly [name: string, value: string])[]
  readonly body: string
  readonly trailers: readonly (readonly [name: string, value: string])[]
}

export interface StrictReading {
  /** Complete ones, interim responses (1xx) included. */
  readonly responses: readonly StrictResponse[]
  /**
   * What is behind them: nothing; the beginning of a response that is well-formed so far; or bytes that no response
   * begins with.
   */
  readonly rest: 'nothing' | 'incomplete' | 'malformed'
}

/**
 * Reads all bytes that a client got on one connection (as latin1) by the grammar of RFC 9112, with no leniency, and with
 * code that nothing else shares. `methods`: those of the requests, in order. `end`: how the connection ended, if it did;
 * a body that ends with the connection is complete only by FIN.
 */
export function readStrictly(text: string, methods: readonly string[], end: 'open' | 'fin' | 'reset'): StrictReading {
  const responses: StrictResponse[] = []
  let rest = text
  let answered = 0
  while (rest !== '') {
    const method = methods[answered]
    if (method === undefined) return { responses, rest: 'malformed' }
    const head = readHead(rest)
    if (head === 'malformed' || head === 'incomplete') return { responses, rest: head }
    const body = readBody(head, rest.slice(head.length), method, end)
    if (body === 'malformed' || body === 'incomplete') return { responses, rest: body }
    const { version, status, fields } = head
    responses.push({ version, status, fields, body: body.body, trailers: body.trailers })
    if (status >= 200) answered++
    rest = rest.slice(head.length + body.length)
  }
  return { responses, rest: 'nothing' }
}

type Unread = 'incomplete' | 'malformed'
type Fields = (readonly [name: string, value: string])[]

interface Head {
  readonly version: '1.0' | '1.1'
  readonly status: number
  readonly fields: Fields
  readonly length: number
}

interface Body {
  readonly body: string
  readonly trailers: Fields
  /** Bytes on the wire. */
  readonly length: number
}

const STATUS_LINE = /^HTTP\/(1\.[01]) ([1-5]\d\d) [\t\x20-\x7e\x80-\xff]*$/
const FIELD_LINE =
  /^([!#$%&'*+\-.^_`|~0-9A-Za-z]+):[ \t]*((?:[\x21-\x7e\x80-\xff](?:[\t\x20-\x7e\x80-\xff]*[\x21-\x7e\x80-\xff])?)?)[ \t]*$/

function readHead(text: string): Head | Unread {
  const end = text.indexOf('\r\n\r\n')
  if (end === -1) return beginsHead(text) ? 'incomplete' : 'malformed'
  const [line, ...lines] = text.slice(0, end).split('\r\n')
  const match = STATUS_LINE.exec(line!)
  const fields = readFields(lines)
  if (match === null || fields === null) return 'malformed'
  return { version: match[1] as Head['version'], status: Number(match[2]), fields, length: end + 4 }
}

/** Every whole line is right, and the last may still become so. */
function beginsHead(text: string): boolean {
  const lines = text.split('\r\n')
  const last = lines.pop()!
  const [line, ...fieldLines] = lines
  if (line === undefined) return 'HTTP/1.1 200 '.startsWith(last.slice(0, 9)) && !/[\n\0]/.test(last)
  return STATUS_LINE.test(line) && readFields(fieldLines) !== null && !/[\n\0]/.test(last)
}

function readFields(lines: readonly string[]): Fields | null {
  const fields: Fields = []
  for (const line of lines) {
    const match = FIELD_LINE.exec(line)
    if (match === null) return null
    fields.push([match[1]!.toLowerCase(), match[2]!])
  }
  return fields
}

function readBody(head: Head, text: string, method: string, end: 'open' | 'fin' | 'reset'): Body | Unread {
  const { status, fields, version } = head
  const lengths = valuesOf(fields, 'content-length')
  const codings = valuesOf(fields, 'transfer-encoding')
  const framed = lengths.length + codings.length
  if (framed > 1) return 'malformed'
  if (status < 200 || status === 204) return framed > 0 ? 'malformed' : { body: '', trailers: [], length: 0 }
  if (status === 304 || method === 'HEAD') return { body: '', trailers: [], length: 0 }
  if (codings.length > 0) return codings[0] === 'chunked' && version === '1.1' ? readChunks(text) : 'malformed'
  if (lengths.length > 0) {
    if (!/^\d+$/.test(lengths[0]!)) return 'malformed'
    const length = Number(lengths[0])
    return text.length < length ? 'incomplete' : { body: text.slice(0, length), trailers: [], length }
  }
  return end === 'fin' ? { body: text, trailers: [], length: text.length } : 'incomplete'
}

function valuesOf(fields: Fields, name: string): string[] {
  return fields.filter((field) => field[0] === name).map((field) => field[1])
}

function readChunks(text: string): Body | Unread {
  let at = 0
  let body = ''
  for (;;) {
    const line = /^([0-9a-fA-F]{1,16})\r\n/.exec(text.slice(at, at + 20))
    if (line === null) return /^[0-9a-fA-F]{0,16}\r?$/.test(text.slice(at, at + 18)) ? 'incomplete' : 'malformed'
    const size = parseInt(line[1]!, 16)
    at += line[0].length
    if (size === 0) break
    body += text.slice(at, at + size)
    at += size
    const lineEnd = text.slice(at, at + 2)
    if (lineEnd !== '\r\n') return '\r\n'.startsWith(lineEnd) ? 'incomplete' : 'malformed'
    at += 2
  }
  if (text.startsWith('\r\n', at)) return { body, trailers: [], length: at + 2 }
  const end = text.indexOf('\r\n\r\n', at)
  if (end === -1) return 'incomplete'
  const trailers = readFields(text.slice(at, end).split('\r\n'))
  return trailers === null ? 'malformed' : { body, trailers, length: end + 4 }
}

/**
 * What a proxy may send, by RFC 9112's ABNF in regular expressions over whole strings. Shares no code and no idea with
 * the codec, and is narrower than what a receiver must accept: no leading empty line, no extensions, one framing field.
 * Texts are latin1, so that an octet is a character.
 */
export interface MessageField {
  /** In lower case. */
  readonly name: string
  readonly value: string
}

export interface Message {
  readonly fields: readonly MessageField[]
  readonly framing: 'none' | 'length' | 'chunked' | 'close'
  readonly body: string
  readonly trailers: readonly MessageField[]
}

export interface RequestMessage extends Message {
  readonly method: string
  readonly target: string
}

export interface ResponseMessage extends Message {
  readonly status: number
}

/** The first message of a text, or `more`: the text begins one. */
export type Taken<M> = { readonly message: M; readonly rest: string } | 'more' | Violation

export interface Violation {
  readonly violation: string
}

const TOKEN = String.raw`[!#$%&'*+\-.^_\x60|~0-9A-Za-z]+`
const TEXT = String.raw`[\x21-\x7e\x80-\xff]`
const FIELD_LINE = new RegExp(String.raw`^(${TOKEN}):[ \t]*((?:${TEXT}(?:[\t\x20-\x7e\x80-\xff]*${TEXT})?)?)[ \t]*$`)
const PATH = String.raw`(?:/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@]|%[0-9A-Fa-f]{2})*)+`
// RFC 3986 wants [ ] { } | ^ and ` escaped, and no % alone; browsers send them as they are, and every server takes them.
const QUERY = String.raw`[A-Za-z0-9\-._~!$&'()*+,;=:@/?%\[\]{}|^\x60]*`
const REQUEST_LINE = new RegExp(String.raw`^(${TOKEN}) (\*|${PATH}(?:\?${QUERY})?) HTTP/1\.1$`)
const STATUS_LINE = /^HTTP\/1\.1 ([1-9]\d\d) [\t\x20-\x7e\x80-\xff]*$/
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|(?:[A-Za-z0-9\-._~!$&'()*+,;=]|%[0-9A-Fa-f]{2})*)(?::\d*)?$/
const TOKEN_LIST = new RegExp(`^${TOKEN}(?:[ \\t]*,[ \\t]*${TOKEN})*$`)
/** They would frame, route or delimit the message anew (RFC 9110 6.5.1). */
const NOT_IN_TRAILERS = /^(?:content-length|transfer-encoding|host|connection|te|trailer|upgrade|expect)$/

export function takeRequest(text: string): Taken<RequestMessage> {
  const head = takeHead(text, REQUEST_LINE)
  if (head === 'more' || 'violation' in head) return head
  const [, method, target] = head.start
  if (target === '*' && method !== 'OPTIONS') return { violation: `* with ${method}` }
  const hosts = valuesOf(head.fields, 'host')
  if (hosts.length !== 1 || !HOST.test(hosts[0]!)) return { violation: `Host: ${JSON.stringify(hosts)}` }
  return withBody({ method: method!, target: target!, ...head }, framingOf(head.fields, 'none'), head.rest)
}

/** `toHead`: the request was HEAD. `ended`: the sender closed, so a body may end with the text. */
export function takeResponse(text: string, toHead: boolean, ended: boolean): Taken<ResponseMessage> {
  const head = takeHead(text, STATUS_LINE)
  if (head === 'more' || 'violation' in head) return head
  const status = Number(head.start[1])
  const framing = framingOf(head.fields, 'close')
  const isBodyless = status < 200 || status === 204
  if (isBodyless && framing !== 'close') return { violation: `a framing field with status ${status}` }
  if (isBodyless || status === 304 || toHead) return withBody({ status, ...head }, 'none', head.rest)
  if (framing === 'close' && !ended) return 'more'
  return withBody({ status, ...head }, framing, head.rest)
}

export function valuesOf(fields: readonly MessageField[], name: string): string[] {
  return fields.filter((field) => field.name === name).map(({ value }) => value)
}

interface Head {
  readonly start: RegExpExecArray
  readonly fields: readonly MessageField[]
  readonly rest: string
}

function takeHead(text: string, startLine: RegExp): Head | 'more' | Violation {
  const end = text.indexOf('\r\n\r\n')
  const lines = (end === -1 ? text : text.slice(0, end)).split('\r\n')
  // Also of a head that goes on, or was cut off, every line that is whole must be right.
  if (end === -1) lines.pop()
  const [first, ...rest] = lines
  if (first === undefined) return 'more'
  const start = startLine.exec(first)
  if (start === null) return { violation: `start line ${JSON.stringify(first)}` }
  const fields = readFields(rest)
  if ('violation' in fields) return fields
  return end === -1 ? 'more' : { start, fields, rest: text.slice(end + 4) }
}

function readFields(lines: readonly string[]): MessageField[] | Violation {
  const fields: MessageField[] = []
  for (const line of lines) {
    const match = FIELD_LINE.exec(line)
    if (match === null) return { violation: `field line ${JSON.stringify(line)}` }
    fields.push({ name: match[1]!.toLowerCase(), value: match[2]! })
  }
  const options = valuesOf(fields, 'connection').find((value) => !TOKEN_LIST.test(value))
  return options === undefined ? fields : { violation: `Connection: ${options}` }
}

type Framing = Message['framing']

function framingOf(fields: readonly MessageField[], absent: 'none' | 'close'): Framing | Violation {
  const lengths = valuesOf(fields, 'content-length')
  const codings = valuesOf(fields, 'transfer-encoding')
  if (lengths.length + codings.length === 0) return absent
  if (lengths.length + codings.length > 1)
    return { violation: `framing fields: ${[...lengths, ...codings].join(', ')}` }
  if (codings.length > 0)
    return codings[0] === 'chunked' ? 'chunked' : { violation: `Transfer-Encoding: ${codings[0]}` }
  return /^\d{1,16}$/.test(lengths[0]!) ? 'length' : { violation: `Content-Length: ${lengths[0]}` }
}

function withBody<M extends Omit<Message, 'framing' | 'body' | 'trailers'>>(
  head: M,
  framing: Framing | Violation,
  text: string,
): Taken<M & Message> {
  if (typeof framing !== 'string') return framing
  const body = takeBody(text, framing, head.fields)
  if (body === 'more' || 'violation' in body) return body
  return { message: { ...head, framing, body: body.body, trailers: body.trailers }, rest: body.rest }
}

interface Body {
  readonly body: string
  readonly trailers: readonly MessageField[]
  readonly rest: string
}

function takeBody(text: string, framing: Framing, fields: readonly MessageField[]): Body | 'more' | Violation {
  if (framing === 'chunked') return takeChunks(text)
  if (framing === 'close') return { body: text, trailers: [], rest: '' }
  const length = framing === 'none' ? 0 : Number(valuesOf(fields, 'content-length')[0])
  return text.length < length ? 'more' : { body: text.slice(0, length), trailers: [], rest: text.slice(length) }
}

function takeChunks(text: string): Body | 'more' | Violation {
  let rest = text
  let body = ''
  for (;;) {
    const line = /^([0-9A-Fa-f]{1,14})\r\n/.exec(rest)
    if (line === null) {
      return /^[0-9A-Fa-f]{0,14}\r?$/.test(rest)
        ? 'more'
        : { violation: `chunk line ${JSON.stringify(rest.slice(0, 40))}` }
    }
    const size = parseInt(line[1]!, 16)
    rest = rest.slice(line[0].length)
    if (size === 0) return takeTrailers(rest, body)
    if (rest.length < size) return 'more'
    body += rest.slice(0, size)
    rest = rest.slice(size)
    if (!'\r\n'.startsWith(rest.slice(0, 2))) return { violation: `behind a chunk ${JSON.stringify(rest.slice(0, 2))}` }
    if (rest.length < 2) return 'more'
    rest = rest.slice(2)
  }
}

function takeTrailers(text: string, body: string): Body | 'more' | Violation {
  if (text.startsWith('\r\n')) return { body, trailers: [], rest: text.slice(2) }
  const end = text.indexOf('\r\n\r\n')
  const lines = (end === -1 ? text : text.slice(0, end)).split('\r\n')
  if (end === -1) lines.pop()
  const trailers = readFields(lines)
  if ('violation' in trailers) return trailers
  const forbidden = trailers.find(({ name }) => NOT_IN_TRAILERS.test(name))
  if (forbidden !== undefined) return { violation: `trailer ${forbidden.name}` }
  return end === -1 ? 'more' : { body, trailers, rest: text.slice(end + 4) }
}

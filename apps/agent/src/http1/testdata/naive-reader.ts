import { type Reading, type ReadingInput } from './reading.js'

/**
 * Finds message boundaries with strings and regular expressions. Shares no code and no idea with the codec: where both
 * agree on every input, neither is likely to be wrong in the same way.
 */
export interface NaiveMessage {
  head: string
  body: string
  trailers: string[]
  /** The offset behind it. */
  end: number
}

/** What a sequence of messages is: those that are complete, then more to come, an error, or nothing. */
export interface NaiveResult {
  messages: NaiveMessage[]
  rest: 'none' | 'more' | 'error'
}

const token = String.raw`[!#$%&'*+\-.^_\x60|~0-9A-Za-z]+`
const TOKEN = new RegExp(`^${token}$`)
const HOST = /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~]+)(?::(\d{1,5}))?$/
const NO_VALUE = /[^\t\x20-\x7e\x80-\xff]/
const DISGUISED = /^(?:content_length|transfer_encoding):|^(?:content-length|transfer-encoding):(?: *\t|.*\t *$)/i
const BARE = /\r(?!\n)|(?<!\r)\n/
const path = String.raw`/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*`
const query = String.raw`(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%\[\]]*)?`
const ORIGIN_FORM = new RegExp(`^${path}${query}$`)
const ABSOLUTE_FORM = new RegExp(`^https?://([^/?#@]*)(?:${path})?${query}$`, 'i')
const REQUEST_LINE = /^([^ ]+) ([^ ]+) HTTP\/1\.([01])$/
const STATUS_LINE = /^HTTP\/1\.([01]) ([1-9]\d\d)(?: [\t\x20-\x7e\x80-\xff]*)?$/
const quoted = String.raw`"(?:[\t\x20!\x23-\x5b\x5d-\x7e\x80-\xff]|\\[\t\x20-\x7e\x80-\xff])*"`
const CHUNK_LINE = new RegExp(`^([0-9A-Fa-f]{1,16})(?:;${token}(?:=(?:${token}|${quoted}))?)*\r\n`)

class Fields {
  constructor(private readonly all: [string, string][]) {}
  get(name: string): string[] {
    return this.all.filter(([n]) => n === name).map(([, v]) => v)
  }
}

function readFields(lines: string[], max: number): Fields | null {
  const all: [string, string][] = []
  if (lines.length > max) return null
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) return null
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1)
    if (!TOKEN.test(name) || NO_VALUE.test(value)) return null
    all.push([name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, '')])
  }
  return new Fields(all)
}

/** Fields of a head: those that frame come undisguised, without tabs around them; `Connection` is a list. */
function readHeadFields(lines: string[]): Fields | null {
  const fields = readFields(lines, 100)
  if (fields === null) return null
  if (lines.some((line) => DISGUISED.test(line))) return null
  const options = connectionOptions(fields)
  if (options.filter((option) => option !== '').length > 16 || fields.get('connection').join('').length > 1024)
    return null
  return options.every((option) => option === '' || TOKEN.test(option)) ? fields : null
}

function connectionOptions(fields: Fields): string[] {
  return fields.get('connection').flatMap((value) => value.toLowerCase().split(/[ \t]*,[ \t]*/))
}

const CHUNKED = -1
const NO_LENGTH = -2

/** The length that the fields say, `CHUNKED`, `NO_LENGTH`, or NaN: refused. */
function saidLength(fields: Fields, minor: string): number {
  const lengths = fields.get('content-length')
  const codings = fields.get('transfer-encoding')
  if (codings.length > 0) {
    if (codings.length > 1 || lengths.length > 0 || minor === '0' || codings[0]!.toLowerCase() !== 'chunked') return NaN
    return CHUNKED
  }
  if (lengths.length === 0) return NO_LENGTH
  if (lengths.length > 1 || !/^\d{1,16}$/.test(lengths[0]!)) return NaN
  const value = Number(lengths[0])
  return value <= Number.MAX_SAFE_INTEGER ? value : NaN
}

function validHost(text: string): boolean {
  const match = HOST.exec(text)
  if (match === null || (text.startsWith('[') && !URL.canParse(`http://${text}/`))) return false
  return match[1] === undefined || Number(match[1]) <= 65535
}

function validTarget(method: string, target: string, host: string[]): boolean {
  if (target === '*') return method.toUpperCase() === 'OPTIONS'
  if (ORIGIN_FORM.test(target)) return true
  const absolute = ABSOLUTE_FORM.exec(target)
  if (absolute === null || !validHost(absolute[1]!)) return false
  return host.length === 0 || host[0]!.toLowerCase() === absolute[1]!.toLowerCase()
}

/** What a message of this head is: its length as `saidLength` gives it, and whether it is the last one. */
type Framing = { length: number; last: boolean }

function requestFraming(line: string, fields: Fields): Framing | null {
  const match = REQUEST_LINE.exec(line)
  if (match === null) return null
  const [, method, target, minor] = match as unknown as [string, string, string, string]
  if (!TOKEN.test(method) || method.length > 32 || method.toUpperCase() === 'CONNECT') return null
  const host = fields.get('host')
  if (host.length > 1 || (host.length === 0 && minor === '1') || (host.length === 1 && !validHost(host[0]!)))
    return null
  if (!validTarget(method, target, host)) return null
  const expect = fields.get('expect')
  if (expect.length > 1 || (expect.length === 1 && expect[0]!.toLowerCase() !== '100-continue')) return null
  const said = saidLength(fields, minor)
  const length = said === NO_LENGTH ? 0 : said
  if (Number.isNaN(length) || (method.toUpperCase() === 'TRACE' && length !== 0)) return null
  return { length, last: isLast(fields, minor) }
}

function responseFraming(line: string, fields: Fields, answersHead: boolean, answersUpgrade: boolean): Framing | null {
  const match = STATUS_LINE.exec(line)
  if (match === null) return null
  const status = Number(match[2])
  const length = saidLength(fields, match[1]!)
  if (Number.isNaN(length)) return null
  if (status === 101) {
    const asked = answersUpgrade && match[1] === '1' && connectionOptions(fields).includes('upgrade')
    const isEmpty = length === 0 || length === NO_LENGTH
    return asked && isEmpty && fields.get('upgrade').join('|').toLowerCase() === 'websocket' ? { length: 0, last: true } : null
  }
  const last = status >= 200 && isLast(fields, match[1]!)
  if (status < 200 || status === 204) return length === 0 || length === NO_LENGTH ? { length: 0, last } : null
  if (status === 304 || answersHead) return { length: 0, last }
  return { length, last }
}

function isLast(fields: Fields, minor: string): boolean {
  const options = connectionOptions(fields)
  return options.includes('close') || (minor === '0' && !options.includes('keep-alive'))
}

/** All requests in `text`, up to one that is the last of its connection. */
export function naiveRequests(text: string): NaiveResult {
  return readMessages(text, true, requestFraming)
}

/** All responses in `text`, up to one that is the last of its connection; the server closes behind it. */
export function naiveResponses(text: string, answersHead: boolean, answersUpgrade = false): NaiveResult {
  return readMessages(text, false, (line, fields) => responseFraming(line, fields, answersHead, answersUpgrade))
}

function readMessages(
  text: string,
  emptyLineFirst: boolean,
  framingOf: (line: string, fields: Fields) => Framing | null,
): NaiveResult {
  const messages: NaiveMessage[] = []
  let rest = text
  while (rest !== '') {
    if (emptyLineFirst && rest.startsWith('\r\n')) rest = rest.slice(2)
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) return { messages, rest: 'more' }
    const head = rest.slice(0, end)
    if (BARE.test(head)) return { messages, rest: 'error' }
    const [line, ...fieldLines] = head.split('\r\n')
    const fields = readHeadFields(fieldLines)
    const framing = fields === null ? null : framingOf(line!, fields)
    if (framing === null) return { messages, rest: 'error' }
    rest = rest.slice(end + 4)
    const body = readBody(rest, framing.length)
    if (body === 'more' || body === 'error') return { messages, rest: body }
    rest = body.rest
    messages.push({ head, body: body.body, trailers: body.trailers, end: text.length - rest.length })
    if (framing.last) return { messages, rest: 'none' }
  }
  return { messages, rest: 'none' }
}

interface Body {
  body: string
  trailers: string[]
  rest: string
}

function readBody(text: string, length: number): Body | 'more' | 'error' {
  if (length === CHUNKED) return naiveChunked(text)
  if (length === NO_LENGTH) return { body: text, trailers: [], rest: '' }
  if (text.length < length) return 'more'
  return { body: text.slice(0, length), trailers: [], rest: text.slice(length) }
}

export function naiveChunked(text: string): Body | 'more' | 'error' {
  let rest = text
  let body = ''
  for (;;) {
    const line = CHUNK_LINE.exec(rest)
    if (line === null) return rest.includes('\n') ? 'error' : 'more'
    const size = parseInt(line[1]!, 16)
    if (size > Number.MAX_SAFE_INTEGER) return 'error'
    rest = rest.slice(line[0].length)
    if (size === 0) break
    if (rest.length < size) return 'more'
    body += rest.slice(0, size)
    rest = rest.slice(size)
    if (!'\r\n'.startsWith(rest.slice(0, 2))) return 'error'
    if (rest.length < 2) return 'more'
    rest = rest.slice(2)
  }
  if (rest.startsWith('\r\n')) return { body, trailers: [], rest: rest.slice(2) }
  const end = rest.indexOf('\r\n\r\n')
  if (end === -1) return 'more'
  const section = rest.slice(0, end)
  const trailers = section.split('\r\n')
  if (BARE.test(section) || readFields(trailers, 32) === null) return 'error'
  return { body, trailers, rest: rest.slice(end + 4) }
}

export function naiveMessages({ kind, bytes, answersHead, answersUpgrade }: ReadingInput): NaiveResult {
  const text = bytes.toString('latin1')
  return kind === 'requests' ? naiveRequests(text) : naiveResponses(text, answersHead, answersUpgrade)
}

/** The same in the words that all readers share. */
export function readNaively(input: ReadingInput): Reading {
  const { messages, rest } = naiveMessages(input)
  return { bodies: messages.map(({ body }) => body), ends: messages.map(({ end }) => end), rest, reason: 'naive' }
}

/**
 * Finds message boundaries with strings and regular expressions. Shares no code and no idea with the codec: where both
 * agree on every input, neither is likely to be wrong in the same way.
 */
export interface NaiveMessage {
  head: string
  body: string
  trailers: string[]
}

/** What a sequence of messages is: those that are complete, then more to come, an error, or nothing. */
export interface NaiveResult {
  messages: NaiveMessage[]
  rest: 'none' | 'more' | 'error'
}

const TOKEN = /^[!#$%&'*+\-.^_`|~0-9A-Za-z]+$/
const HOST =
  /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9\-._~!$&'()*+,;=]+)(?::(\d{1,5}))?$/

function validHost(text: string): boolean {
  const match = HOST.exec(text)
  if (match === null || (text.startsWith('[') && !URL.canParse(`http://${text}/`))) return false
  return match[1] === undefined || Number(match[1]) <= 65535
}

interface Fields {
  get(name: string): string[]
}

function readFields(lines: string[]): Fields | null {
  const all: [string, string][] = []
  for (const line of lines) {
    const colon = line.indexOf(':')
    if (colon < 1) return null
    const name = line.slice(0, colon)
    const value = line.slice(colon + 1)
    if (!TOKEN.test(name)) return null
    if (/[^\t\x20-\x7e\x80-\xff]/.test(value)) return null
    all.push([name.toLowerCase(), value.replace(/^[ \t]+|[ \t]+$/g, '')])
  }
  if (all.some(([name]) => name.includes('_') && /^(content-length|transfer-encoding)$/.test(name.replaceAll('_', '-')))) {
    return null
  }
  for (const [name, value] of all) {
    if (name === 'connection' && !value.split(',').every((t) => /^[ \t]*$/.test(t) || TOKEN.test(t.replace(/^[ \t]+|[ \t]+$/g, '')))) {
      return null
    }
  }
  return { get: (name) => all.filter(([n]) => n === name).map(([, v]) => v) }
}

/** -1: chunked. NaN: refused. */
function requestLength(fields: Fields, minor: string): number {
  const lengths = fields.get('content-length')
  const codings = fields.get('transfer-encoding')
  if (codings.length > 0) {
    if (codings.length > 1 || lengths.length > 0 || minor === '0' || codings[0]!.toLowerCase() !== 'chunked') return NaN
    return -1
  }
  if (lengths.length === 0) return 0
  if (lengths.length > 1 || !/^\d{1,16}$/.test(lengths[0]!)) return NaN
  const value = Number(lengths[0])
  return value <= Number.MAX_SAFE_INTEGER ? value : NaN
}

function validTarget(method: string, target: string, host: string[]): boolean {
  const path = String.raw`/(?:[A-Za-z0-9\-._~!$&'()*+,;=:@/]|%[0-9A-Fa-f]{2})*`
  const query = String.raw`(?:\?[A-Za-z0-9\-._~!$&'()*+,;=:@/?%\[\]{}|^` + '`' + String.raw`]*)?`
  if (target === '*') return method.toUpperCase() === 'OPTIONS'
  if (new RegExp(`^${path}${query}$`).test(target)) return true
  const absolute = new RegExp(`^https?://([^/?#@]*)(?:${path})?${query}$`, 'i').exec(target)
  if (absolute === null || !validHost(absolute[1]!)) return false
  return host.length === 0 || host[0]!.toLowerCase() === absolute[1]!.toLowerCase()
}

function headIsValid(line: string, fields: Fields): number {
  const match = /^([^ ]+) ([^ ]+) HTTP\/1\.([01])$/.exec(line)
  if (match === null || !TOKEN.test(match[1]!) || match[1]!.length > 32 || match[1]!.toUpperCase() === 'CONNECT') return NaN
  const host = fields.get('host')
  if (host.length > 1 || (host.length === 0 && match[3] === '1') || (host.length === 1 && !validHost(host[0]!))) return NaN
  if (!validTarget(match[1]!, match[2]!, host)) return NaN
  const expect = fields.get('expect')
  if (expect.length > 1 || (expect.length === 1 && expect[0]!.toLowerCase() !== '100-continue')) return NaN
  return requestLength(fields, match[3]!)
}

/** All requests in `text`. */
export function naiveRequests(text: string): NaiveResult {
  const messages: NaiveMessage[] = []
  let rest = text
  while (rest !== '') {
    if (rest.startsWith('\r\n')) rest = rest.slice(2)
    const end = rest.indexOf('\r\n\r\n')
    if (end === -1) return { messages, rest: 'more' }
    const head = rest.slice(0, end)
    if (/\r(?!\n)|(?<!\r)\n/.test(head)) return { messages, rest: 'error' }
    const [line, ...fieldLines] = head.split('\r\n')
    const fields = readFields(fieldLines)
    const length = fields === null ? NaN : headIsValid(line!, fields)
    if (Number.isNaN(length)) return { messages, rest: 'error' }
    rest = rest.slice(end + 4)
    if (length >= 0) {
      if (rest.length < length) return { messages, rest: 'more' }
      messages.push({ head, body: rest.slice(0, length), trailers: [] })
      rest = rest.slice(length)
      continue
    }
    const chunked = naiveChunked(rest)
    if (chunked === 'more' || chunked === 'error') return { messages, rest: chunked }
    messages.push({ head, body: chunked.body, trailers: chunked.trailers })
    rest = chunked.rest
  }
  return { messages, rest: 'none' }
}

interface Chunked {
  body: string
  trailers: string[]
  rest: string
}

export function naiveChunked(text: string): Chunked | 'more' | 'error' {
  let rest = text
  let body = ''
  for (;;) {
    const line = /^([0-9A-Fa-f]{1,16})(;[\t\x20-\x7e\x80-\xff]*)?\r\n/.exec(rest)
    if (line === null) return isPrefixOfChunkLine(rest) ? 'more' : 'error'
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
  if (/\r(?!\n)|(?<!\r)\n/.test(section) || readFields(section.split('\r\n')) === null) return 'error'
  // The one limit that a mutation of a short sample reaches.
  if (section.split('\r\n').length > 32) return 'error'
  return { body, trailers: section.split('\r\n'), rest: rest.slice(end + 4) }
}

function isPrefixOfChunkLine(text: string): boolean {
  return /^(?:[0-9A-Fa-f]{1,16}(?:;[\t\x20-\x7e\x80-\xff]*)?\r?)?$/.test(text)
}

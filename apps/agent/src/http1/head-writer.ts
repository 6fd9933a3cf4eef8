// HOT: runs per request. Measure before and after.
import {
  AUTHORITY,
  FIELD_STRIDE,
  METHOD,
  PATH,
  PSEUDO_SLOTS,
  QUERY,
  type RequestView,
} from '@fairlead/core/routing/request-view'
import {
  type Field,
  FIELD_DROPPED,
  FIELD_KEPT,
  FIELD_PLAIN,
  type FieldEdits,
  type HeadEdits,
  LENGTH_UNKNOWN,
  type LocalReply,
  type OwnFields,
  type RequestEdits,
  type ResponseHead,
} from '../http/head.js'
import { ascii, equalsLower } from '../io/byte-classes.js'
import { isNamed, namesFields } from './connection-options.js'
import { dateField } from './date-field.js'
import { CR, LF, SP } from './octets.js'
import { HeadTable } from './head-table.js'
import { CONTENT_LENGTH, EXPECT, knownField, OTHER_FIELD, TE, TRAILER } from './known-field.js'
import { cursor } from './output-cursor.js'
import { statusLine } from './status-line.js'

/** Framing of a message's body on the way out. Lengths of 0 and more stand for `content-length`. */
export const FRAME_CHUNKED = LENGTH_UNKNOWN
/** No framing field: nothing follows, or the connection's end is the body's. */
export const FRAME_NONE = -2
/** No body, but the received `Content-Length` says what one would have had (HEAD, 304). */
export const FRAME_AS_RECEIVED = -3

const CRLF = ascii('\r\n')
const VERSION_AND_HOST = ascii(' HTTP/1.1\r\nhost: ')
const CONTENT_LENGTH_FIELD = ascii('content-length: ')
const CHUNKED_FIELD = ascii('transfer-encoding: chunked\r\n')
const CLOSE_FIELD = ascii('connection: close\r\n')
const KEEP_ALIVE_FIELD = ascii('connection: keep-alive\r\n')
const UPGRADE_FIELDS = ascii('connection: upgrade\r\nupgrade: websocket\r\n')
const TE_TRAILERS_FIELDS = ascii('te: trailers\r\nconnection: te\r\n')
const TRAILERS = ascii('trailers')
const LAST_CHUNK = ascii('0\r\n')
const COLON = 0x3a
const QUESTION = 0x3f
/** Room for everything that is not a field, a target or an authority. */
const OVERHEAD_BYTES = 256
/** `: ` and CRLF. */
const FIELD_OVERHEAD_BYTES = 4

/** What to say of the connection itself in a response head. */
export const SAY_NOTHING = 0
export const SAY_CLOSE = 1
export const SAY_KEEP_ALIVE = 2
/** It is a WebSocket from here on. */
export const SAY_UPGRADE = 3
export type ConnectionWord = 0 | 1 | 2 | 3

/**
 * Builds a request head under the cursor: Host first, then what may go on, our framing, the proxy's own fields, the
 * appended ones. A `Connection` option can take away received fields only, never what is added here.
 */
export function buildRequestHead(view: RequestView, edits: RequestEdits, framing: number): void {
  const { bytes, ranges } = view
  const authority = edits.authority
  const target = edits.target
  cursor.open(sizeOfFields(view) + sizeOfHeadEdits(edits) + sizeOfLine(view, edits) + OVERHEAD_BYTES)
  cursor.put(bytes, ranges[METHOD]!, ranges[METHOD + 1]!)
  cursor.putByte(SP)
  if (target !== null) cursor.putAll(target)
  else {
    cursor.put(bytes, ranges[PATH]!, ranges[PATH + 1]!)
    if (ranges[QUERY] !== -1) {
      cursor.putByte(QUESTION)
      cursor.put(bytes, ranges[QUERY]!, ranges[QUERY + 1]!)
    }
  }
  cursor.putAll(VERSION_AND_HOST)
  if (authority !== null) cursor.putAll(authority)
  else if (ranges[AUTHORITY] !== -1) cursor.put(bytes, ranges[AUTHORITY]!, ranges[AUTHORITY + 1]!)
  cursor.putAll(CRLF)
  putFields(view, edits, true, framing)
  if (edits.upgrade) cursor.putAll(UPGRADE_FIELDS)
  putFraming(framing)
  putAdded(edits)
  cursor.putAll(CRLF)
}

export function buildResponseHead(
  head: ResponseHead,
  edits: HeadEdits | null,
  framing: number,
  word: ConnectionWord,
): void {
  cursor.open(sizeOfFields(head) + sizeOfHeadEdits(edits) + OVERHEAD_BYTES)
  cursor.putAll(statusLine(head.status))
  putFields(head, edits, false, framing)
  putFraming(framing)
  putConnection(word)
  if (edits !== null) putAdded(edits)
  cursor.putAll(CRLF)
}

/** A whole response of our own. `withBody` is false in answer to HEAD, where only the length is told. */
export function buildLocalReply(
  reply: LocalReply,
  edits: FieldEdits | null,
  withBody: boolean,
  word: ConnectionWord,
): void {
  const bodyLength = reply.body === null ? 0 : reply.body.length
  cursor.open(sizeOfList(reply.fields) + sizeOfEdits(edits) + OVERHEAD_BYTES + bodyLength)
  cursor.putAll(statusLine(reply.status))
  for (let i = 0; i < reply.fields.length; i++) {
    const field = reply.fields[i]!
    if (edits === null || !isDropped(edits, field.name, 0, field.name.length)) putOwnField(field)
  }
  if (reply.status >= 200 && reply.status !== 204 && reply.status !== 304) putFraming(bodyLength)
  cursor.putAll(dateField())
  putConnection(word)
  putAppended(edits)
  cursor.putAll(CRLF)
  if (withBody && reply.body !== null) cursor.putAll(reply.body)
}

/** The last chunk, with the trailer section. */
export function buildLastChunk(trailers: RequestView | null): void {
  cursor.open((trailers === null ? 0 : sizeOfFields(trailers)) + OVERHEAD_BYTES)
  cursor.putAll(LAST_CHUNK)
  if (trailers !== null) putFields(trailers, null, false, FRAME_CHUNKED)
  cursor.putAll(CRLF)
}

/** A chunk with its line and line end. */
export function buildChunk(bytes: Uint8Array, start: number, end: number): void {
  cursor.open(end - start + OVERHEAD_BYTES)
  cursor.putHex(end - start)
  cursor.putAll(CRLF)
  cursor.put(bytes, start, end)
  cursor.putAll(CRLF)
}

/**
 * Received fields that go on, in order. Lines that stand in the source exactly as they would be written anew are copied
 * in runs: one copy for many fields.
 */
function putFields(view: RequestView, edits: HeadEdits | null, isRequest: boolean, framing: number): void {
  const { bytes, ranges, fieldCount } = view
  const operations = edits === null ? null : edits.fields
  const drops = operations !== null && operations.drop.length > 0
  const marks = edits === null || edits.own === null ? null : edits.own.marks
  const kinds = view instanceof HeadTable ? view.kinds : null
  const named = namesFields(view)
  let runStart = -1
  let runEnd = -1
  for (let i = 0; i < fieldCount; i++) {
    const at = PSEUDO_SLOTS + i * FIELD_STRIDE
    const nameStart = ranges[at]!
    const nameEnd = ranges[at + 1]!
    const known = kinds === null ? knownField(bytes, nameStart, nameEnd) : kinds[i]!
    if (known !== OTHER_FIELD && !goesOn(known, framing)) {
      if (known === TE && isRequest && equalsLower(bytes, ranges[at + 2]!, ranges[at + 3]!, TRAILERS)) {
        cursor.putAll(TE_TRAILERS_FIELDS)
      }
      continue
    }
    const mark = marks === null ? FIELD_PLAIN : marks[i]!
    if (mark === FIELD_DROPPED) continue
    if (drops && isDropped(operations, bytes, nameStart, nameEnd)) continue
    if (named && mark !== FIELD_KEPT && isNamed(view, nameStart, nameEnd)) continue
    const valueStart = ranges[at + 2]!
    const valueEnd = ranges[at + 3]!
    if (isCanonical(bytes, nameEnd, valueStart, valueEnd)) {
      if (nameStart === runEnd) {
        runEnd = valueEnd + 2
        continue
      }
      if (runStart !== -1) cursor.put(bytes, runStart, runEnd)
      runStart = nameStart
      runEnd = valueEnd + 2
      continue
    }
    if (runStart !== -1) cursor.put(bytes, runStart, runEnd)
    runStart = runEnd = -1
    putField(bytes, nameStart, nameEnd, bytes, valueStart, valueEnd)
  }
  if (runStart !== -1) cursor.put(bytes, runStart, runEnd)
}

/** Whether a field that the codec knows is passed on (RFC 9110 7.6.1); Host and framing are written anew. */
function goesOn(known: number, framing: number): boolean {
  // Without a body there is nothing to wait for: an upstream that waits all the same takes the next request for it.
  if (known === EXPECT) return framing === FRAME_CHUNKED || framing > 0
  if (known === TRAILER) return framing === FRAME_CHUNKED
  return known === CONTENT_LENGTH && framing === FRAME_AS_RECEIVED
}

function isCanonical(bytes: Uint8Array, nameEnd: number, valueStart: number, valueEnd: number): boolean {
  return (
    valueStart === nameEnd + 2 &&
    bytes[nameEnd] === COLON &&
    bytes[nameEnd + 1] === SP &&
    bytes[valueEnd] === CR &&
    bytes[valueEnd + 1] === LF
  )
}

function isDropped(edits: FieldEdits, bytes: Uint8Array, nameStart: number, nameEnd: number): boolean {
  for (let i = 0; i < edits.drop.length; i++) if (equalsLower(bytes, nameStart, nameEnd, edits.drop[i]!)) return true
  return false
}

function putAdded(edits: HeadEdits): void {
  const { own } = edits
  if (own !== null) cursor.put(own.lines, own.start, own.end)
  putAppended(edits.fields)
}

function putAppended(edits: FieldEdits | null): void {
  if (edits === null) return
  for (let i = 0; i < edits.append.length; i++) putOwnField(edits.append[i]!)
}

/** Framing and hop-by-hop fields are the codec's alone, whatever config says. */
function putOwnField(field: Field): void {
  const { name, value } = field
  const known = knownField(name, 0, name.length)
  if (known === OTHER_FIELD || known === TRAILER || known === EXPECT) {
    putField(name, 0, name.length, value, 0, value.length)
  }
}

function putField(
  names: Uint8Array,
  nameStart: number,
  nameEnd: number,
  values: Uint8Array,
  valueStart: number,
  valueEnd: number,
): void {
  cursor.put(names, nameStart, nameEnd)
  cursor.putByte(COLON)
  cursor.putByte(SP)
  cursor.put(values, valueStart, valueEnd)
  cursor.putAll(CRLF)
}

function putFraming(framing: number): void {
  if (framing === FRAME_CHUNKED) cursor.putAll(CHUNKED_FIELD)
  if (framing < 0) return
  cursor.putAll(CONTENT_LENGTH_FIELD)
  cursor.putNumber(framing)
  cursor.putAll(CRLF)
}

function putConnection(word: ConnectionWord): void {
  if (word === SAY_CLOSE) cursor.putAll(CLOSE_FIELD)
  else if (word === SAY_KEEP_ALIVE) cursor.putAll(KEEP_ALIVE_FIELD)
  else if (word === SAY_UPGRADE) cursor.putAll(UPGRADE_FIELDS)
}

/** Upper bounds, so that the cursor never has to grow while it writes. */
function sizeOfFields(view: RequestView): number {
  const { ranges, fieldCount } = view
  let size = 0
  for (let i = 0; i < fieldCount; i++) {
    const at = PSEUDO_SLOTS + i * FIELD_STRIDE
    size += ranges[at + 1]! - ranges[at]! + ranges[at + 3]! - ranges[at + 2]! + FIELD_OVERHEAD_BYTES
    if (ranges[at + 1]! - ranges[at]! === 2) size += TE_TRAILERS_FIELDS.length
  }
  return size
}

function sizeOfLine(view: RequestView, edits: RequestEdits): number {
  const { ranges } = view
  const target =
    edits.target !== null
      ? edits.target.length
      : ranges[PATH + 1]! - ranges[PATH]! + 1 + (ranges[QUERY] === -1 ? 0 : ranges[QUERY + 1]! - ranges[QUERY]!)
  const authority = edits.authority !== null ? edits.authority.length : ranges[AUTHORITY + 1]! - ranges[AUTHORITY]!
  return target + authority + ranges[METHOD + 1]! - ranges[METHOD]!
}

function sizeOfHeadEdits(edits: HeadEdits | null): number {
  return edits === null ? 0 : sizeOfEdits(edits.fields) + sizeOfOwn(edits.own)
}

function sizeOfOwn(own: OwnFields | null): number {
  return own === null ? 0 : own.end - own.start
}

function sizeOfEdits(edits: FieldEdits | null): number {
  return edits === null ? 0 : sizeOfList(edits.append)
}

function sizeOfList(fields: readonly Field[]): number {
  let size = 0
  for (let i = 0; i < fields.length; i++) {
    size += fields[i]!.name.length + fields[i]!.value.length + FIELD_OVERHEAD_BYTES
  }
  return size
}

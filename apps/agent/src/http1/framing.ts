// HOT: runs per request. Measure before and after.
import { ascii, BYTE_CLASS, DIGIT, equalsLower, TOKEN } from '../io/byte-classes.js'
import { HTAB, SP } from './octets.js'

/** `contentLength`: not one valid length. */
export const INVALID_LENGTH = -2

export const CODING_CHUNKED = 0
/** Well-formed, ends in `chunked`, and holds a coding that we do not know. */
export const CODING_UNKNOWN = 1
export const CODING_INVALID = 2

const LENGTH_DIGITS_MAX = 16
const COMMA = 0x2c
const CHUNKED = ascii('chunked')

/** The octets that a `Content-Length` value says: 1 to 16 digits, at most 2^53 - 1 (RFC 9110 8.6). */
export function contentLength(bytes: Uint8Array, start: number, end: number): number {
  if (start === end || end - start > LENGTH_DIGITS_MAX) return INVALID_LENGTH
  let length = 0
  for (let i = start; i < end; i++) {
    if ((BYTE_CLASS[bytes[i]!]! & DIGIT) === 0) return INVALID_LENGTH
    length = length * 10 + (bytes[i]! - 0x30)
  }
  return length <= Number.MAX_SAFE_INTEGER ? length : INVALID_LENGTH
}

/**
 * What a `Transfer-Encoding` value means for framing (RFC 9112 6.1). Only `chunked` alone can be served; a list whose
 * last and only `chunked` follows unknown codings is merely not implemented; anything else could be framed in two ways.
 */
export function transferCoding(bytes: Uint8Array, start: number, end: number): number {
  if (equalsLower(bytes, start, end, CHUNKED)) return CODING_CHUNKED
  let chunkedSeen = false
  let at = start
  for (;;) {
    const tokenStart = at
    while (at < end && (BYTE_CLASS[bytes[at]!]! & TOKEN) !== 0) at++
    if (at === tokenStart || chunkedSeen) return CODING_INVALID
    chunkedSeen = equalsLower(bytes, tokenStart, at, CHUNKED)
    at = skipSpace(bytes, at, end)
    if (at === end) return chunkedSeen ? CODING_UNKNOWN : CODING_INVALID
    if (bytes[at] !== COMMA) return CODING_INVALID
    at = skipSpace(bytes, at + 1, end)
  }
}

export function skipSpace(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] === SP || bytes[at] === HTAB)) at++
  return at
}

// HOT: runs per request. Measure before and after.
import { isIPv6 } from 'node:net'
import { BYTE_CLASS, DIGIT, HEX, HOST_CHAR, LOWER } from '../io/byte-classes.js'

const OPEN_BRACKET = 0x5b
const CLOSE_BRACKET = 0x5d
const COLON = 0x3a
const DOT = 0x2e
const PORT_DIGITS_MAX = 5
const PORT_MAX = 65_535

/**
 * Whether `bytes[start..end)` is a host and optional port (RFC 9110 4.2): a name, an IPv4 address or a bracketed IPv6
 * address. Stricter than the grammar where no client goes: no percent-escapes, no sub-delims, no zone, no colon without a port.
 */
export function isAuthority(bytes: Uint8Array, start: number, end: number): boolean {
  let at = start
  if (bytes[at] === OPEN_BRACKET && at < end) {
    at++
    while (at < end && isAddressByte(bytes[at]!)) at++
    if (at === end || bytes[at] !== CLOSE_BRACKET || !isAddress(bytes, start + 1, at)) return false
    at++
  } else {
    while (at < end && (BYTE_CLASS[bytes[at]!]! & HOST_CHAR) !== 0) at++
    if (at === start) return false
  }
  return at === end || (bytes[at] === COLON && isPort(bytes, at + 1, end))
}

/** Equal but for ASCII case. */
export function sameAuthority(bytes: Uint8Array, start: number, end: number, from: number, to: number): boolean {
  if (end - start !== to - from) return false
  for (let i = 0; i < end - start; i++) if (LOWER[bytes[start + i]!] !== LOWER[bytes[from + i]!]) return false
  return true
}

function isAddressByte(byte: number): boolean {
  return (BYTE_CLASS[byte]! & HEX) !== 0 || byte === COLON || byte === DOT
}

/** Rare enough for a string. */
function isAddress(bytes: Uint8Array, start: number, end: number): boolean {
  let text = ''
  for (let i = start; i < end; i++) text += String.fromCharCode(bytes[i]!)
  return isIPv6(text)
}

function isPort(bytes: Uint8Array, start: number, end: number): boolean {
  if (start === end || end - start > PORT_DIGITS_MAX) return false
  let port = 0
  for (let i = start; i < end; i++) {
    if ((BYTE_CLASS[bytes[i]!]! & DIGIT) === 0) return false
    port = port * 10 + (bytes[i]! - 0x30)
  }
  return port <= PORT_MAX
}

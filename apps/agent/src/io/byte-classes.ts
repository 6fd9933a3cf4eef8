/**
 * What each byte may be, as bit sets over 256-entry tables, so that a scan is one load and one mask per octet.
 * Sources: RFC 9110 5.6.2 (token), 5.5 (field value), RFC 3986 3.2.2 (host), 3.3 (path), 3.4 (query).
 */
export const TOKEN = 1 << 0
/** VCHAR, obs-text, space and tab: all that may stand inside a field value. Never NUL, CR, LF, DEL. */
export const FIELD_VALUE = 1 << 1
export const DIGIT = 1 << 2
export const HEX = 1 << 3
/** pchar and `/` without `%`: a scan stops there and checks the two digits behind it. */
export const PATH_CHAR = 1 << 4
/**
 * RFC 3986's query, and what common clients send there unescaped: `a[]=1`, `100%`. None of these means anything to a
 * parser of heads. ``{ } | ^ ` `` are refused, as HAProxy does by default.
 */
export const QUERY_CHAR = 1 << 5
/** The unreserved part of reg-name: no name in DNS needs more, and `a,b` is two to whoever reads a list. */
export const HOST_CHAR = 1 << 6

const ALPHA = 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz'
const DIGITS = '0123456789'
const UNRESERVED = `${ALPHA}${DIGITS}-._~`
const SUB_DELIMS = "!$&'()*+,;="

export const BYTE_CLASS: Uint8Array = buildClasses()

/** ASCII upper case to lower; every other octet to itself. */
export const LOWER: Uint8Array = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte >= 0x41 && byte <= 0x5a ? byte + 0x20 : byte,
)

/** Value of a hexadecimal digit, or -1. */
export const HEX_VALUE: Int8Array = Int8Array.from({ length: 256 }, (_, byte) => {
  const value = '0123456789abcdef'.indexOf(String.fromCharCode(LOWER[byte]!))
  return value
})

/** The first position from `start` on whose octet is not of `classes`; `end` if all are. */
export function skipClass(bytes: Uint8Array, start: number, end: number, classes: number): number {
  // A loop of its own, with the table in a local: within a parser's big function it ran at half the speed.
  const table = BYTE_CLASS
  let at = start
  while (at < end && (table[bytes[at]!]! & classes) !== 0) at++
  return at
}

/** Whether `bytes[start..end)` equals `lowerName`, a name in lower case, ignoring ASCII case. */
export function equalsLower(bytes: Uint8Array, start: number, end: number, lowerName: Uint8Array): boolean {
  const length = lowerName.length
  if (end - start !== length) return false
  for (let i = 0; i < length; i++) if (LOWER[bytes[start + i]!] !== lowerName[i]) return false
  return true
}

/** The octets of an ASCII literal. */
export function ascii(text: string): Uint8Array {
  return Uint8Array.from(text, (character) => character.charCodeAt(0))
}

function buildClasses(): Uint8Array {
  const table = new Uint8Array(256)
  const mark = (characters: string, bit: number) => {
    for (const byte of ascii(characters)) table[byte]! |= bit
  }
  mark(`!#$%&'*+-.^_\`|~${DIGITS}${ALPHA}`, TOKEN)
  for (let byte = 0; byte < 256; byte++) {
    if (byte === 0x09 || (byte >= 0x20 && byte !== 0x7f)) table[byte]! |= FIELD_VALUE
  }
  mark(DIGITS, DIGIT)
  mark(`${DIGITS}abcdefABCDEF`, HEX)
  mark(`${UNRESERVED}${SUB_DELIMS}:@/`, PATH_CHAR)
  mark(`${UNRESERVED}${SUB_DELIMS}:@/?%[]`, QUERY_CHAR)
  mark(UNRESERVED, HOST_CHAR)
  return table
}

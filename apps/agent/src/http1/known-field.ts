// HOT: runs per request. Measure before and after.
import { ascii, equalsLower, LOWER } from '../io/byte-classes.js'

/** Fields that the codec itself acts on. All others are the business of those above. */
export const OTHER_FIELD = 0
export const HOST = 1
export const CONTENT_LENGTH = 2
export const TRANSFER_ENCODING = 3
export const CONNECTION = 4
export const KEEP_ALIVE = 5
export const PROXY_CONNECTION = 6
export const TE = 7
export const TRAILER = 8
export const UPGRADE = 9
export const EXPECT = 10
export const HTTP2_SETTINGS = 11
/** `Content_Length` or `Transfer_Encoding`: what reads fields as CGI variables takes it for the real one. */
export const DISGUISED_FRAMING = 12

const NAME_HOST = ascii('host')
const NAME_CONTENT_LENGTH = ascii('content-length')
const NAME_TRANSFER_ENCODING = ascii('transfer-encoding')
const NAME_CONNECTION = ascii('connection')
const NAME_KEEP_ALIVE = ascii('keep-alive')
const NAME_PROXY_CONNECTION = ascii('proxy-connection')
const NAME_TE = ascii('te')
const NAME_TRAILER = ascii('trailer')
const NAME_UPGRADE = ascii('upgrade')
const NAME_EXPECT = ascii('expect')
const NAME_HTTP2_SETTINGS = ascii('http2-settings')
const UNDERSCORE = 0x5f
const HYPHEN = 0x2d

/** Which of the fields above `bytes[start..end)` names; by length first, since nearly all are none of them. */
export function knownField(bytes: Uint8Array, start: number, end: number): number {
  switch (end - start) {
    case 2:
      return equalsLower(bytes, start, end, NAME_TE) ? TE : OTHER_FIELD
    case 4:
      return equalsLower(bytes, start, end, NAME_HOST) ? HOST : OTHER_FIELD
    case 6:
      return equalsLower(bytes, start, end, NAME_EXPECT) ? EXPECT : OTHER_FIELD
    case 7:
      if (equalsLower(bytes, start, end, NAME_TRAILER)) return TRAILER
      return equalsLower(bytes, start, end, NAME_UPGRADE) ? UPGRADE : OTHER_FIELD
    case 10:
      if (equalsLower(bytes, start, end, NAME_CONNECTION)) return CONNECTION
      return equalsLower(bytes, start, end, NAME_KEEP_ALIVE) ? KEEP_ALIVE : OTHER_FIELD
    case 14:
      if (equalsLower(bytes, start, end, NAME_HTTP2_SETTINGS)) return HTTP2_SETTINGS
      return framingField(bytes, start, end, NAME_CONTENT_LENGTH, CONTENT_LENGTH)
    case 16:
      return equalsLower(bytes, start, end, NAME_PROXY_CONNECTION) ? PROXY_CONNECTION : OTHER_FIELD
    case 17:
      return framingField(bytes, start, end, NAME_TRANSFER_ENCODING, TRANSFER_ENCODING)
    default:
      return OTHER_FIELD
  }
}

function framingField(bytes: Uint8Array, start: number, end: number, name: Uint8Array, field: number): number {
  let result = field
  for (let i = start; i < end; i++) {
    const byte = LOWER[bytes[i]!]!
    const expected = name[i - start]!
    if (byte === expected) continue
    if (byte !== UNDERSCORE || expected !== HYPHEN) return OTHER_FIELD
    result = DISGUISED_FRAMING
  }
  return result
}

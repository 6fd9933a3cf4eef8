import { BYTE_CLASS, FIELD_VALUE, TOKEN } from '../io/byte-classes.js'

/* Where in an extension the next octet stands. */
/** Behind a `;`. */
export const EXTENSION_START = 0
const NAME = 1
const VALUE_START = 2
const VALUE = 3
const QUOTED = 4
const QUOTED_PAIR = 5
const QUOTED_END = 6
/** Behind the CR that ends the line. */
export const EXTENSION_OVER = 7
export const EXTENSION_INVALID = 8

const CR = 0x0d
const SEMICOLON = 0x3b
const EQUALS = 0x3d
const QUOTE = 0x22
const BACKSLASH = 0x5c

/**
 * The state behind one more octet of a chunk's extensions (RFC 9112 7.1.1). White space stands within quotes only: the
 * grammar calls it bad elsewhere, and no client sends it.
 */
export function extensionState(state: number, byte: number): number {
  const isToken = (BYTE_CLASS[byte]! & TOKEN) !== 0
  switch (state) {
    case EXTENSION_START:
      return isToken ? NAME : EXTENSION_INVALID
    case NAME:
      if (isToken) return NAME
      return byte === EQUALS ? VALUE_START : endOfExtension(byte)
    case VALUE_START:
      if (byte === QUOTE) return QUOTED
      return isToken ? VALUE : EXTENSION_INVALID
    case VALUE:
      return isToken ? VALUE : endOfExtension(byte)
    case QUOTED:
      if (byte === QUOTE) return QUOTED_END
      if (byte === BACKSLASH) return QUOTED_PAIR
      return (BYTE_CLASS[byte]! & FIELD_VALUE) !== 0 ? QUOTED : EXTENSION_INVALID
    case QUOTED_PAIR:
      return (BYTE_CLASS[byte]! & FIELD_VALUE) !== 0 ? QUOTED : EXTENSION_INVALID
    default:
      return endOfExtension(byte)
  }
}

function endOfExtension(byte: number): number {
  if (byte === SEMICOLON) return EXTENSION_START
  return byte === CR ? EXTENSION_OVER : EXTENSION_INVALID
}

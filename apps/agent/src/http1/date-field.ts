import { ascii } from '../io/byte-classes.js'

let second = -1
let line = ascii('')

/** `date: ...` and its line end for responses of our own (RFC 9110 6.6.1), rebuilt once a second. */
export function dateField(): Uint8Array {
  const now = Math.floor(Date.now() / 1000)
  if (now !== second) {
    second = now
    line = ascii(`date: ${new Date(now * 1000).toUTCString()}\r\n`)
  }
  return line
}

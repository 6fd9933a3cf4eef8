// HOT: runs per request. Measure before and after.
import { type OwnFields } from '../http/head.js'
import { ascii } from '../io/byte-classes.js'
import { putDecimal } from '../io/put-decimal.js'

export const SERVICE_TIME = 'x-envoy-upstream-service-time'

const NAME = ascii(`${SERVICE_TIME}: `)
const DIGITS_MAX = 16
const CR = 0x0d
const LF = 0x0a

/** The response field that tells how long the upstream took. One serves the process: it is read during a send only. */
export class ServiceTimeField implements OwnFields {
  readonly marks = null
  readonly lines = new Uint8Array(NAME.length + DIGITS_MAX + 2)
  readonly start = 0
  end = 0

  constructor() {
    this.lines.set(NAME)
  }

  set(ms: number): void {
    const { lines } = this
    const end = putDecimal(lines, NAME.length, Math.floor(ms))
    lines[end] = CR
    lines[end + 1] = LF
    this.end = end + 2
  }
}

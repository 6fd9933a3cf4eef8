// HOT: runs per request. Measure before and after.
import { RE2JS } from 're2js'
import type { StringMatch } from '../snapshot/index.js'
import { AS_IS, equalBytes } from './bytes.js'

const EXACT = 0
const PREFIX = 1
const REGEX = 2

const encoder = new TextEncoder()

/**
 * A StringMatch against a range of bytes. A regular expression is RE2 and must match the whole range (S6), which is
 * read as UTF-8, as Envoy does; re2js takes bytes, so no string is made.
 */
export class ByteMatch {
  readonly #kind: number
  readonly #expected: Uint8Array
  readonly #regex: RE2JS | null

  /** Throws RE2JSException, with the reason, for what RE2 does not accept. */
  constructor(match: StringMatch) {
    this.#kind = match.kind === 'exact' ? EXACT : match.kind === 'prefix' ? PREFIX : REGEX
    this.#expected = encoder.encode(match.value)
    this.#regex = match.kind === 'regex' ? RE2JS.compile(match.value) : null
  }

  matches(bytes: Uint8Array, start: number, end: number): boolean {
    if (this.#kind === REGEX) return this.#regex!.testExact(bytes.subarray(start, end))
    const length = this.#expected.length
    if (this.#kind === EXACT ? end - start !== length : end - start < length) return false
    return equalBytes(bytes, start, this.#expected, AS_IS)
  }
}

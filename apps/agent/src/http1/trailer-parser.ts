import { PSEUDO_SLOTS, FIELD_STRIDE } from '@fairlead/core/routing/request-view'
import { LOWER } from '../io/byte-classes.js'
import { FieldParser, PARSE_DONE, type ParseResult } from './field-parser.js'
import { type Http1Limits } from './limits.js'

/**
 * Fields that never go on as trailers: whoever merges trailers into the head would frame, route, authenticate or
 * interpret the message anew (RFC 9110 6.5.1). `_` counts as `-`.
 */
const FORBIDDEN: ReadonlySet<string> = new Set([
  'transfer-encoding', 'content-length', 'host', 'te', 'trailer', 'connection', 'keep-alive', 'proxy-connection', 'upgrade',
  'http2-settings', 'expect', 'max-forwards', 'content-encoding', 'content-type', 'content-range', 'range', 'cache-control',
  'authorization', 'cookie', 'set-cookie', 'www-authenticate', 'age', 'date', 'expires', 'location', 'retry-after', 'vary',
  'pragma', 'warning', 'forwarded', 'via', 'x-real-ip', 'x-request-id', 'x-http-method-override', 'traceparent', 'tracestate',
]) // prettier-ignore
const FORBIDDEN_PREFIXES = ['x-forwarded-', 'x-envoy-', 'x-fairlead-', 'proxy-', 'if-', 'access-control-']

/** Parses the trailer section of a chunked body (RFC 9112 7.1.2) and keeps the fields that may go on. */
export class TrailerParser extends FieldParser {
  constructor(limits: Http1Limits) {
    super(0, limits.trailerBytes, limits.trailerFieldsMax, 0)
  }

  protected parse(bytes: Uint8Array, end: number): ParseResult {
    return this.parseFields(bytes, end)
  }

  protected finish(bytes: Uint8Array): ParseResult {
    const { head } = this
    const received = head.fieldCount
    head.fieldCount = 0
    for (let i = 0; i < received; i++) {
      const at = PSEUDO_SLOTS + i * FIELD_STRIDE
      const { ranges, kinds } = head
      if (!isAllowed(bytes, ranges[at]!, ranges[at + 1]!)) continue
      head.addField(kinds[i]!, ranges[at]!, ranges[at + 1]!, ranges[at + 2]!, ranges[at + 3]!)
    }
    return PARSE_DONE
  }
}

function isAllowed(bytes: Uint8Array, start: number, end: number): boolean {
  let name = ''
  for (let i = start; i < end; i++) name += String.fromCharCode(LOWER[bytes[i]!]!)
  name = name.replaceAll('_', '-')
  return !FORBIDDEN.has(name) && !FORBIDDEN_PREFIXES.some((prefix) => name.startsWith(prefix))
}

import { describe, expect, it } from '@jest/globals'
import { AUTHORITY, PATH, SCHEME } from '@fairlead/core/routing/request-view'
import { PARSE_DONE, PARSE_MORE } from './field-parser.js'
import { DEFAULT_HTTP1_LIMITS } from './limits.js'
import { RequestParser } from './request-parser.js'

const REQUEST = 'GET HTTPS://Example:8080/Path HTTP/1.1\r\nHost: example:8080\r\n\r\n'

describe('the parts of an absolute target', () => {
  it.each(Array.from({ length: REQUEST.length - 1 }, (_, i) => i + 1))(
    'come with a scheme in lower case, cut at %i',
    (cut) => {
      const parser = new RequestParser(DEFAULT_HTTP1_LIMITS)
      expect(parser.feed(Buffer.from(REQUEST.slice(0, cut)), 0, cut)).toBe(PARSE_MORE)
      expect(parser.feed(Buffer.from(REQUEST), cut, REQUEST.length)).toBe(PARSE_DONE)
      const { bytes, ranges } = parser.head
      const part = (slot: number) => Buffer.from(bytes.subarray(ranges[slot], ranges[slot + 1])).toString()
      expect([part(SCHEME), part(AUTHORITY), part(PATH)]).toEqual(['https', 'Example:8080', '/Path'])
    },
  )
})

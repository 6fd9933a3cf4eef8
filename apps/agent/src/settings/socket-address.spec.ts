import { describe, expect, it } from '@jest/globals'
import * as fc from 'fast-check'
import { formatSocketAddress, overlaps, parseSocketAddress } from './socket-address.js'
import { UsageError } from './usage-error.js'

const address = fc.record({ host: fc.oneof(fc.ipV4(), fc.ipV6()), port: fc.integer({ min: 0, max: 65535 }) })

describe('parseSocketAddress', () => {
  it('reads back whatever was formatted', () => {
    fc.assert(
      fc.property(address, (given) => {
        expect(parseSocketAddress('--x', formatSocketAddress(given), '127.0.0.1')).toEqual(given)
      }),
    )
  })

  it('gives an address or a UsageError that names the flag, whatever the text', () => {
    const text = fc.oneof(fc.string(), fc.stringMatching(/^[[\]:.\d]*$/))
    fc.assert(
      fc.property(text, (given) => {
        try {
          const { host, port } = parseSocketAddress('--x', given, '127.0.0.1')
          expect(parseSocketAddress('--x', formatSocketAddress({ host, port }), '')).toEqual({ host, port })
        } catch (error) {
          expect(error).toBeInstanceOf(UsageError)
          expect((error as Error).message).toMatch(/^--x: /)
        }
      }),
    )
  })
})

describe('overlaps', () => {
  it.each([
    ['127.0.0.1:80', '127.0.0.1:80', true],
    ['127.0.0.1:80', '127.0.0.1:81', false],
    ['127.0.0.1:80', '127.0.0.2:80', false],
    ['0.0.0.0:80', '127.0.0.2:80', true],
    ['0.0.0.0:80', '[::1]:80', false],
    ['[::]:80', '127.0.0.1:80', true],
    ['[::]:80', '0.0.0.0:80', true],
    ['127.0.0.1:0', '127.0.0.1:0', false],
  ])('of %s and %s is %s, either way round', (a, b, expected) => {
    const [first, second] = [a, b].map((text) => parseSocketAddress('--x', text, ''))
    expect(overlaps(first!, second!)).toBe(expected)
    expect(overlaps(second!, first!)).toBe(expected)
  })
})

import { describe, expect, it } from '@jest/globals'
import { takeRequest, takeResponse } from './grammar.js'

const request = (...lines: string[]) => ['GET / HTTP/1.1', 'host: a', ...lines, '', ''].join('\r\n')
const response = (...lines: string[]) => ['HTTP/1.1 200 OK', ...lines, '', ''].join('\r\n')

describe('the grammar that the last server insists on', () => {
  it.each([
    ['a request', request(), { method: 'GET', target: '/', framing: 'none', body: '' }],
    ['a length', `${request('content-length: 2')}hi`, { framing: 'length', body: 'hi' }],
    [
      'chunks and a trailer',
      `${request('transfer-encoding: chunked')}2\r\nhi\r\n0\r\nx: 1\r\n\r\n`,
      { framing: 'chunked', body: 'hi', trailers: [{ name: 'x', value: '1' }] },
    ],
  ])('takes %s', (_, text, expected) => {
    expect(takeRequest(`${text}rest`)).toMatchObject({ message: expected, rest: 'rest' })
  })

  it.each([
    ['a bare LF', 'GET / HTTP/1.1\nhost: a\r\n\r\n'],
    ['an empty line first', `\r\n${request()}`],
    ['another version', 'GET / HTTP/1.0\r\nhost: a\r\n\r\n'],
    ['a space in the target', 'GET /a b HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['an absolute target', 'GET http://a/ HTTP/1.1\r\nhost: a\r\n\r\n'],
    ['no Host', 'GET / HTTP/1.1\r\n\r\n'],
    ['two Hosts', request('host: b')],
    ['a space before the colon', request('x : y')],
    ['a folded value', request('x: y', ' z')],
    ['a NUL', request('x: \0')],
    ['a bare CR in a value', request('x: a\rb')],
    ['two lengths', request('content-length: 1', 'content-length: 1')],
    ['a length and a coding', request('content-length: 1', 'transfer-encoding: chunked')],
    ['a signed length', request('content-length: +1')],
    ['a coding in disguise', request('transfer-encoding: xchunked')],
    ['a chunk extension', `${request('transfer-encoding: chunked')}1;a\r\nb\r\n0\r\n\r\n`],
    ['no line end behind a chunk', `${request('transfer-encoding: chunked')}1\r\nbc\r\n0\r\n\r\n`],
    ['a framing field among trailers', `${request('transfer-encoding: chunked')}0\r\ncontent-length: 1\r\n\r\n`],
    ['a broken line of a head that goes on', 'GET / HTTP/1.1\r\nx y\r\nhost'],
  ])('refuses %s', (_, text) => {
    expect(takeRequest(text)).toHaveProperty('violation')
  })

  it('waits at every prefix of a request', () => {
    const text = `${request('transfer-encoding: chunked', 'x: y')}2\r\nhi\r\n0\r\nx: 1\r\n\r\n`
    for (let i = 0; i < text.length; i++) expect(takeRequest(text.slice(0, i))).toBe('more')
  })

  it('knows where a response ends', () => {
    expect(takeResponse(`${response('content-length: 2')}hi`, false, false)).toMatchObject({ message: { body: 'hi' } })
    expect(takeResponse(response('content-length: 2'), true, false)).toMatchObject({ message: { body: '' }, rest: '' })
    expect(takeResponse(`${response()}hi`, false, false)).toBe('more')
    expect(takeResponse(`${response()}hi`, false, true)).toMatchObject({ message: { body: 'hi', framing: 'close' } })
    expect(takeResponse('HTTP/1.1 204 No\r\ncontent-length: 0\r\n\r\n', false, false)).toHaveProperty('violation')
  })
})

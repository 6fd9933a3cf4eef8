import { describe, expect, it } from '@jest/globals'
import { readStrictly } from './strict-responses.js'

describe('readStrictly', () => {
  const rest = (text: string, method = 'GET', end: 'open' | 'fin' | 'reset' = 'open') => {
    const reading = readStrictly(text, [method], end)
    return [reading.responses.map(({ status, body }) => `${status} ${body}`), reading.rest]
  }

  it.each([
    ['HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhi', [['200 hi'], 'nothing']],
    ['HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nh', [[], 'incomplete']],
    ['HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nhim', [['200 hi'], 'malformed']],
    ['HTTP/1.1 100 \r\n\r\nHTTP/1.1 204 \r\n\r\n', [['100 ', '204 '], 'nothing']],
    ['HTTP/1.1 204 \r\ncontent-length: 0\r\n\r\n', [[], 'malformed']],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\na: b\r\n\r\n', [['200 hi'], 'nothing']],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhi\r\n0\r\n', [[], 'incomplete']],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\nhim', [[], 'malformed']],
    ['HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\ncontent-length: 2\r\n\r\nhi', [[], 'malformed']],
    ['HTTP/1.1 200 OK\ncontent-length: 0\r\n\r\n', [[], 'malformed']],
    ['HTTP/1.1 200 OK\r\ncontent-length : 0\r\n\r\n', [[], 'malformed']],
    ['HTTP/1.1 20', [[], 'incomplete']],
    ['garbage', [[], 'malformed']],
  ])('%j', (text, expected) => {
    expect(rest(text)).toEqual(expected)
  })

  it('takes a body without framing as whole after FIN only', () => {
    const text = 'HTTP/1.1 200 OK\r\n\r\nhi'
    expect(rest(text, 'GET', 'open')).toEqual([[], 'incomplete'])
    expect(rest(text, 'GET', 'reset')).toEqual([[], 'incomplete'])
    expect(rest(text, 'GET', 'fin')).toEqual([['200 hi'], 'nothing'])
  })

  it('knows that HEAD has no body', () => {
    expect(rest('HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\n', 'HEAD')).toEqual([['200 '], 'nothing'])
  })
})

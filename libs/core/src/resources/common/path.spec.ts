import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { formatPath, parsePath } from './path.js'

describe('formatPath', () => {
  it('writes names with dots, indexes in brackets, and quotes other keys', () => {
    expect(formatPath(['spec', 'http', 0, 'headers', 'x-user', 'a.b', '1'])).toBe(
      'spec.http[0].headers.x-user["a.b"]["1"]',
    )
    expect(formatPath([])).toBe('')
  })

  it('is undone by parsePath', () => {
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.nat(), fc.string({ unit: 'binary' }))), (path) => {
        expect(parsePath(formatPath(path))).toEqual(path)
      }),
    )
  })

  it.each(['a..b', 'a[', 'a[x]', 'a["b]', ' a'])('parsePath refuses %j', (text) => {
    expect(() => parsePath(text)).toThrow('not a path')
  })
})

import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { jsonLines } from './json-lines.js'

async function* split(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size)
}

async function collect(lines: AsyncIterable<unknown>): Promise<unknown[]> {
  const all: unknown[] = []
  for await (const line of lines) all.push(line)
  return all
}

describe('jsonLines', () => {
  it('gives back what was written, however it is cut into chunks', async () => {
    const chunked = fc.asyncProperty(fc.array(fc.jsonValue()), fc.integer({ min: 1, max: 9 }), async (values, size) => {
      const text = values.map((value) => JSON.stringify(value)).join('\n')
      const back = await collect(jsonLines(split(new TextEncoder().encode(text), size)))
      expect(back).toEqual(JSON.parse(JSON.stringify(values)))
    })
    await fc.assert(chunked, { numRuns: 200 })
  })

  it('throws on a line that was cut off', async () => {
    await expect(collect(jsonLines(split(new TextEncoder().encode('{"a":1}\n{"b'), 4)))).rejects.toThrow(SyntaxError)
  })
})

import { describe, expect, it } from '@jest/globals'
import { forwardRequests, type Outcome } from './testdata/forwarding-proxy.js'
import { REQUEST_ROWS, type RequestRow } from './testdata/request-rows.js'
import { splits } from './testdata/splits.js'

function expected(row: RequestRow): Pick<Outcome, 'forwarded' | 'refused'> {
  const [, , want] = row
  if (typeof want === 'number') return { forwarded: '', refused: want }
  if (typeof want === 'string') return { forwarded: want, refused: null }
  return { forwarded: want[0], refused: want[1] }
}

describe('raw requests', () => {
  it('are at least 600 rows with different names', () => {
    expect(new Set(REQUEST_ROWS.map(([name]) => name)).size).toBe(REQUEST_ROWS.length)
    expect(REQUEST_ROWS.length).toBeGreaterThanOrEqual(600)
  })

  it.each(REQUEST_ROWS.map((row) => [row[0], row] as const))('%s', (_name, row) => {
    const [, input] = row
    const want = expected(row)
    expect(forwardRequests([input])).toMatchObject(want)
    for (const pieces of splits(input)) {
      const got = forwardRequests(pieces)
      if (got.forwarded !== want.forwarded || got.refused !== want.refused) {
        expect({ pieces, ...got }).toEqual({ pieces, ...want })
      }
    }
  })
})

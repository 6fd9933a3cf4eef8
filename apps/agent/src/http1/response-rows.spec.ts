import { describe, expect, it } from '@jest/globals'
import { answerWith } from './testdata/answering-proxy.js'
import { RESPONSE_ROWS } from './testdata/response-rows.js'
import { splits } from './testdata/splits.js'

describe('raw responses', () => {
  it('are at least 240 rows with different names', () => {
    expect(new Set(RESPONSE_ROWS.map(({ name }) => name)).size).toBe(RESPONSE_ROWS.length)
    expect(RESPONSE_ROWS.length).toBeGreaterThanOrEqual(240)
  })

  it.each(RESPONSE_ROWS.map((row) => [row.name, row] as const))('%s', (_name, row) => {
    const { input } = row
    const want = { answer: row.expected, fate: row.fate }
    expect(answerWith(row, [input])).toMatchObject({ ...want, freed: row.fate === 'kept' ? 1 : 0 })
    // Bytes behind a response may come in a read of their own: then the slot was free before they ended it.
    for (const pieces of splits(input)) {
      const { answer, fate } = answerWith(row, pieces)
      if (answer !== want.answer || fate !== want.fate) expect({ pieces, answer, fate }).toEqual({ pieces, ...want })
    }
  })
})

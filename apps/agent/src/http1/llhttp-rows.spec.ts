import { describe, expect, it } from '@jest/globals'
import { readWithCodec } from './testdata/codec-reader.js'
import { type Difference, REQUEST_DIFFERENCES, RESPONSE_DIFFERENCES } from './testdata/llhttp-differences.js'
import { readWithLlhttp } from './testdata/llhttp-reader.js'
import { readNaively } from './testdata/naive-reader.js'
import { type Reading, type ReadingInput } from './testdata/reading.js'
import { REQUEST_ROWS } from './testdata/request-rows.js'
import { RESPONSE_ROWS } from './testdata/response-rows.js'

type NamedInput = ReadingInput & { name: string }

const requests = REQUEST_ROWS.map(([name, text]) => input('requests', name, text))
const responses = RESPONSE_ROWS.map((row) => ({
  ...input('responses', row.name, row.input, row.method === 'HEAD'),
  answersUpgrade: row.upgrade,
}))

function input(kind: ReadingInput['kind'], name: string, text: string, answersHead = false): NamedInput {
  return { kind, name, bytes: Buffer.from(text, 'latin1'), answersHead }
}

/** The messages found, and whether what follows is refused; by whom a byte is refused first says nothing. */
const verdict = ({ bodies, ends, rest }: Reading) => JSON.stringify([bodies, ends, rest === 'error'])

function found(inputs: readonly NamedInput[]): string[] {
  return inputs.flatMap((row) => {
    const ours = readWithCodec(row, [])
    if (verdict(ours) === verdict(readWithLlhttp(row))) return []
    return [`${row.name}: ours ${ours.rest === 'error' ? 'refuses' : 'accepts'}`]
  })
}

const listed = (differences: readonly Difference[]) =>
  differences.flatMap(({ ours, rows }) => rows.map((name) => `${name}: ours ${ours}`))

describe('raw messages as llhttp reads them in strict mode', () => {
  it('differ for requests only where the list says why', () => {
    expect(found(requests).sort()).toEqual(listed(REQUEST_DIFFERENCES).sort())
  })

  it('differ for responses only where the list says why', () => {
    expect(found(responses).sort()).toEqual(listed(RESPONSE_DIFFERENCES).sort())
  })
})

describe('raw messages as a reader of strings reads them', () => {
  const withinLimits = [...requests, ...responses].filter((row) => row.bytes.length < 8_192)

  it.each(withinLimits.map((row) => [row.kind, row.name, row] as const))('%s: %s', (_kind, _name, row) => {
    const ours = readWithCodec(row, [])
    const naive = readNaively(row)
    expect([ours.ends, ours.bodies]).toEqual([naive.ends, naive.bodies])
    if (naive.rest === 'error') expect(ours.rest).toBe('error')
  })
})

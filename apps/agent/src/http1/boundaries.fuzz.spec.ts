import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { answerWith } from './testdata/answering-proxy.js'
import { disagreement } from './testdata/boundary-check.js'
import { forwardRequests } from './testdata/forwarding-proxy.js'
import { llhttpKnowsMethod, readWithLlhttp } from './testdata/llhttp-reader.js'
import { mutatedInput } from './testdata/message-mutator.js'
import { naiveRequests, naiveResponses } from './testdata/naive-reader.js'

/** `npm run fuzz -- http1` goes on where these end. */
const SEED = 20_260_716
const PARSER_INPUTS = 20_000
const CONNECTION_INPUTS = 2_000

describe('message boundaries', () => {
  it('are where llhttp and a reader that shares no code find them', () => {
    for (let index = 0; index < PARSER_INPUTS; index++) {
      const found = disagreement(mutatedInput(SEED, index))
      if (found !== null) throw new Error(`seed ${SEED}, input ${index}: ${found}`)
    }
  })

  it('are kept by a whole connection', () => {
    fc.assert(
      fc.property(fc.nat(10_000_000), fc.nat(200), (index, cut) => {
        const { kind, bytes } = mutatedInput(SEED, index)
        fc.pre(kind === 'requests')
        const text = bytes.toString('latin1')
        const { messages, rest } = naiveRequests(text)
        const at = Math.min(cut, text.length)
        const got = forwardRequests([text])
        const { requests, refused } = forwardRequests([text.slice(0, at), text.slice(at)])
        expect({ requests, refused }).toEqual({ requests: got.requests, refused: got.refused })
        expect(got.requests.map(bodyOf).filter((body) => body !== null)).toEqual(messages.map(({ body }) => body))
        if (rest === 'error') expect(got.refused).not.toBeNull()
      }),
      { seed: SEED, numRuns: CONNECTION_INPUTS },
    )
  })

  it('are for the upstream where they were for us', () => {
    for (let index = 0; index < CONNECTION_INPUTS; index++) {
      const { kind, bytes } = mutatedInput(SEED, index)
      if (kind === 'responses') continue
      const { written, requests } = forwardRequests([bytes.toString('latin1')])
      written.forEach((text, i) => {
        const body = bodyOf(requests[i]!)
        // HTTP/1.0 knows requests without a Host.
        if (body === null || text.includes('\r\nhost: \r\n')) return
        expect(naiveRequests(text)).toMatchObject({ messages: [{ body, end: text.length }], rest: 'none' })
        const read = readWithLlhttp({ kind, bytes: Buffer.from(text, 'latin1'), answersHead: false })
        if (llhttpKnowsMethod(text.split(' ', 1)[0]!))
          expect(read).toMatchObject({ bodies: [body], ends: [text.length] })
      })
    }
  })

  it('are for the client where they were for us', () => {
    for (let index = 0; index < CONNECTION_INPUTS; index++) {
      const { kind, bytes, answersHead } = mutatedInput(SEED, index)
      if (kind === 'requests') continue
      const method = answersHead ? 'HEAD' : 'GET'
      const { written, fate } = answerWith({ method, minor: 1, fin: true, upgrade: false }, [bytes.toString('latin1')])
      const { messages, rest } = naiveResponses(written, answersHead)
      const final = messages.filter(({ head }) => !/^HTTP\/1\.1 1/.test(head))
      expect({ written, final: final.length, rest }).toEqual({
        written,
        final: fate === 'cut' ? 0 : 1,
        rest: fate === 'cut' ? 'more' : 'none',
      })
      expect(messages.at(-1)?.end ?? 0).toBeLessThanOrEqual(written.length)
    }
  })
})

/** The body of a request as canonical output shows it, or null if it was cut off. */
function bodyOf(request: string): string | null {
  const end = request.indexOf('\r\n\r\n') + 4
  const rest = request.slice(end)
  if (/\r\ntransfer-encoding: chunked\r\n/.test(request.slice(0, end))) {
    const close = rest.search(/>(?:[^\r\n]+\r\n)*$/)
    return close === -1 ? null : rest.slice(1, close)
  }
  const length = Number(/\r\ncontent-length: (\d+)\r\n/.exec(request.slice(0, end))?.[1] ?? 0)
  return rest.length === length ? rest : null
}

import { describe, expect, it } from '@jest/globals'
import fc from 'fast-check'
import { forwardRequests } from './testdata/forwarding-proxy.js'
import { naiveRequests } from './testdata/naive-reader.js'
import { REQUEST_ROWS } from './testdata/request-rows.js'

const SEED = 20_260_716
/** Refused by the naive reader as errors of syntax, by ours with statuses of their own. */
const SAMPLES = REQUEST_ROWS.map(([, input]) => input).filter((input) => input.length < 400)
/** What smuggling is made of. */
const SNIPPETS = [
  '\r\n', '\r', '\n', '\0', ' ', '\t', ':', ';', ',', '0', '1', 'a', 'chunked', 'Transfer-Encoding: chunked\r\n',
  'Content-Length: 3\r\n', 'Host: b\r\n', 'Connection: close\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n', '0\r\n\r\n', '\x7f', '\x80', '#', '%', '?', '/',
] // prettier-ignore

type Mutation = { kind: number; at: number; length: number; snippet: string }

const mutation: fc.Arbitrary<Mutation> = fc.record({
  kind: fc.nat(3),
  at: fc.nat(400),
  length: fc.nat(6),
  snippet: fc.constantFrom(...SNIPPETS),
})

function mutate(text: string, { kind, at, length, snippet }: Mutation): string {
  const from = at % (text.length + 1)
  if (kind === 0) return text.slice(0, from) + snippet + text.slice(from)
  if (kind === 1) return text.slice(0, from) + text.slice(from + length)
  if (kind === 2) return text.slice(0, from) + snippet + text.slice(from + snippet.length)
  return text.slice(0, from) + text.slice(from, from + length) + text.slice(from)
}

/** What the naive reader says is complete, in the order and number that we must agree on. */
function naive(text: string) {
  const { messages, rest } = naiveRequests(text)
  const closing = messages.findIndex(({ head }) => closes(head))
  const served = closing === -1 ? messages : messages.slice(0, closing + 1)
  return { bodies: served.map(({ body }) => body), error: closing === -1 && rest === 'error' }
}

function closes(head: string): boolean {
  const options = [...head.matchAll(/^connection:[ \t]*(.*?)[ \t]*$/gim)].flatMap((match) =>
    match[1]!.toLowerCase().split(/[ \t]*,[ \t]*/),
  )
  return options.includes('close') || (head.includes(' HTTP/1.0') && !options.includes('keep-alive'))
}

describe('message boundaries', () => {
  it('are where a reader that shares no code finds them', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom(...SAMPLES), { minLength: 1, maxLength: 2 }),
        fc.array(mutation, { maxLength: 4 }),
        fc.nat(200),
        (parts, mutations, cut) => {
          const text = mutations.reduce(mutate, parts.join(''))
          const expected = naive(text)
          const at = Math.min(cut, text.length)
          const got = forwardRequests([text])
          expect(forwardRequests([text.slice(0, at), text.slice(at)])).toEqual(got)
          const complete = got.requests.map(bodyOf).filter((body) => body !== null)
          // The naive reader waits for a whole head before it judges; ours may refuse its first wrong octet.
          expect(complete).toEqual(expected.bodies)
          if (expected.error) expect(got.refused).not.toBeNull()
        },
      ),
      { seed: SEED, numRuns: 2_000 },
    )
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

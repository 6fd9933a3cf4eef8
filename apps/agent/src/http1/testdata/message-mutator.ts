import { REQUEST_ROWS } from './request-rows.js'
import { RESPONSE_ROWS } from './response-rows.js'
import { type ReadingInput } from './reading.js'

const SAMPLE_CHARACTERS_MAX = 400
const INPUT_BYTES_MAX = 16 * 1024

/** What smuggling is made of. */
const SNIPPETS = [
  '\r\n', '\r', '\n', '\0', ' ', '\t', ':', ';', ',', '"', '=', '\\', '-', '+', '_', '.', '0', '1', '2', 'a', 'x',
  'F', '\r\n\r\n', '\n\n', '\x0b', '\x0c', '\x7f', '\x80', '\xa0', '\xff', '#', '%', '%0', '?', '/', '@', '[', ']',
  '*', 'chunked', 'Chunked', 'gzip', 'identity', 'close', 'keep-alive', 'HTTP/1.0', 'HTTP/1.1', 'HTTP/1.2',
  'http://a', 'GET ', 'TRACE ', 'HEAD ', 'CONNECT ', ' 204 ', ' 304 ', ' 100 ', ' 200 ',
  'Transfer-Encoding: chunked\r\n', 'Transfer-Encoding: gzip, chunked\r\n', 'Transfer_Encoding: chunked\r\n',
  'transfer-encoding:chunked\r\n', 'Content-Length: 3\r\n', 'Content-Length: 0\r\n', 'Content-Length: 03\r\n',
  'Content-Length: 9007199254740993\r\n', 'Content_Length: 3\r\n', 'Host: b\r\n', 'Host: a\r\n',
  'Connection: close\r\n', 'Connection: keep-alive\r\n', 'Connection: Upgrade\r\nUpgrade: x\r\n', 'Trailer: X\r\n',
  'Expect: 100-continue\r\n', 'X: y\r\n', ' folded\r\n', '0\r\n\r\n', '3\r\nabc\r\n', '3;a=b\r\nabc\r\n',
  '3;a="b"\r\nabc\r\n', '0\r\nX: y\r\n\r\n', 'ffffffffffffffff\r\n', 'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 3\r\n\r\nabc', 'HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n',
  'HTTP/1.1 100 C\r\n\r\n',
] // prettier-ignore

interface Corpus {
  /** Read to their end without a refusal. */
  readonly valid: readonly string[]
  readonly all: readonly string[]
}

const corpora: Record<ReadingInput['kind'], Corpus> = {
  requests: corpus(REQUEST_ROWS.map(([, text, expected]) => ({ text, valid: typeof expected === 'string' }))),
  responses: corpus(
    RESPONSE_ROWS.map(({ input, expected, fate }) => ({ text: input, valid: expected !== 502 && fate !== 'cut' })),
  ),
}

function corpus(rows: readonly { text: string; valid: boolean }[]): Corpus {
  const short = rows.filter(({ text }) => text.length <= SAMPLE_CHARACTERS_MAX)
  return { valid: short.filter(({ valid }) => valid).map(({ text }) => text), all: short.map(({ text }) => text) }
}

/** xorshift32: the same numbers everywhere, and no memory. */
class Chance {
  private state = 1
  seed(seed: number, index: number): void {
    this.state = (Math.imul(seed ^ 0x9e37_79b9, 0x85eb_ca6b) ^ Math.imul(index + 1, 0xc2b2_ae35)) | 1
    for (let i = 0; i < 4; i++) this.below(2)
  }
  /** From 0 to `bound - 1`. */
  below(bound: number): number {
    let x = this.state
    x ^= x << 13
    x ^= x >>> 17
    x ^= x << 5
    this.state = x
    return (x >>> 0) % bound
  }
  of<T>(choices: readonly T[]): T {
    return choices[this.below(choices.length)]!
  }
}

export interface MutatedInput extends ReadingInput {
  /** Where reads of the socket end, ascending. */
  readonly cuts: readonly number[]
}

const chance = new Chance()
const scratch = Buffer.alloc(INPUT_BYTES_MAX)

/** Input number `index` of a run: one to three messages, mostly with few mutations. Valid until the next call. */
export function mutatedInput(seed: number, index: number): MutatedInput {
  chance.seed(seed, index)
  const kind = chance.below(2) === 0 ? 'requests' : 'responses'
  const { valid, all } = corpora[kind]
  let text = ''
  for (let count = 1 + chance.below(3); count > 0; count--) text += chance.of(chance.below(8) === 0 ? all : valid)
  for (let count = chance.below(chance.below(8) === 0 ? 8 : 4); count > 0; count--) text = mutate(text, all)
  const length = scratch.write(text, 'latin1')
  return {
    kind,
    bytes: scratch.subarray(0, length),
    answersHead: kind === 'responses' && chance.below(8) === 0,
    cuts: cuts(length),
  }
}

function mutate(text: string, samples: readonly string[]): string {
  const at = chance.below(text.length + 1)
  const length = 1 + chance.below(chance.below(4) === 0 ? 40 : 4)
  const before = text.slice(0, at)
  switch (chance.below(9)) {
    case 0:
    case 1:
      return before + chance.of(SNIPPETS) + text.slice(at)
    case 2: {
      const snippet = chance.of(SNIPPETS)
      return before + snippet + text.slice(at + snippet.length)
    }
    case 3:
      return before + text.slice(at + length)
    case 4:
      return before + text.slice(at, at + length) + text.slice(at)
    case 5:
      return before + String.fromCharCode(chance.below(256)) + text.slice(at + chance.below(2))
    case 6: {
      const other = chance.of(samples)
      return before + other.slice(chance.below(other.length)) + text.slice(at)
    }
    case 7:
      return afterLineEnd(text, at, chance.of(SNIPPETS))
    default:
      return before + otherCase(text.slice(at, at + length)) + text.slice(at + length)
  }
}

/** Most mutations in the middle of a line break it; between lines they have a meaning. */
function afterLineEnd(text: string, from: number, snippet: string): string {
  const lineEnd = text.indexOf('\r\n', from)
  return lineEnd === -1 ? snippet + text : text.slice(0, lineEnd + 2) + snippet + text.slice(lineEnd + 2)
}

function otherCase(text: string): string {
  return text === text.toLowerCase() ? text.toUpperCase() : text.toLowerCase()
}

function cuts(length: number): number[] {
  if (chance.below(16) === 0) return Array.from({ length }, (_, at) => at)
  const at: number[] = []
  for (let count = 1 + chance.below(3); count > 0; count--) at.push(chance.below(length + 1))
  return at.sort((a, b) => a - b)
}

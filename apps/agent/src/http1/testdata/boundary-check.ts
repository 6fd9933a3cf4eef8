import { readWithCodec } from './codec-reader.js'
import { llhttpKnowsMethod, readWithLlhttp } from './llhttp-reader.js'
import { type MutatedInput } from './message-mutator.js'
import { type NaiveMessage, naiveMessages, readNaively } from './naive-reader.js'
import { type Reading } from './reading.js'

/**
 * Compares where the codec, a reader made of strings, and llhttp in strict mode find the messages of one input. Null:
 * they agree. The codec finds exactly what the reader of strings finds, however the input is cut; llhttp finds all of
 * that, and may go on where the codec refuses.
 */
export function disagreement(input: MutatedInput): string | null {
  const ours = readWithCodec(input, [])
  const cut = readWithCodec(input, input.cuts)
  if (!same(ours, cut) || ours.rest !== cut.rest || ours.reason !== cut.reason) {
    return report('cut at other places', input, ours, cut)
  }
  const naive = readNaively(input)
  // It waits for a whole head or line before it judges; ours may refuse the first wrong octet.
  if (!same(ours, naive) || (naive.rest === 'error' && ours.rest !== 'error'))
    return report('naive', input, ours, naive)
  const theirs = readWithLlhttp(input)
  if (beginsWith(theirs, ours) || isExplained(input, ours, theirs)) return null
  return report('llhttp', input, ours, theirs)
}

function same(one: Reading, other: Reading): boolean {
  return one.ends.length === other.ends.length && beginsWith(one, other)
}

function beginsWith(long: Reading, short: Reading): boolean {
  for (let i = 0; i < short.ends.length; i++) {
    if (long.ends[i] !== short.ends[i] || long.bodies[i] !== short.bodies[i]) return false
  }
  return true
}

/** What llhttp refuses and the codec rightly accepts: the same reasons that the differing rows have. */
function isExplained(input: MutatedInput, ours: Reading, theirs: Reading): boolean {
  const { messages } = naiveMessages(input)
  let agreed = 0
  while (agreed < theirs.ends.length && theirs.ends[agreed] === ours.ends[agreed]) agreed++
  const { head, trailers } = messages[agreed]!
  if (input.kind === 'requests' && !llhttpKnowsMethod(head.split(' ', 1)[0]!)) return true
  return trailers.some((line) => FRAMES.test(line)) || messages.slice(0, agreed).some(closesForLlhttp)
}

/** Among trailers, these mean nothing. */
const FRAMES = /^(?:content-length|transfer-encoding):/i
const CLOSES = /^(?:connection|proxy-connection|transfer-encoding):/i

/** Behind such a message llhttp reads nothing, or not that; we do. */
function closesForLlhttp({ head, trailers }: NaiveMessage): boolean {
  if (/^proxy-connection:/im.test(head) || trailers.some((line) => CLOSES.test(line))) return true
  // An informational response says nothing of the connection's end.
  if (/^HTTP\/1\.(?:0 1|1 1[^]*\r\nconnection:)/i.test(head)) return true
  return /^connection:.*\t/im.test(head)
}

function report(against: string, input: MutatedInput, ours: Reading, theirs: Reading): string {
  return JSON.stringify({
    against,
    kind: input.kind,
    answersHead: input.answersHead,
    text: input.bytes.toString('latin1'),
    cuts: input.cuts.length > 8 ? 'each' : input.cuts,
    ours: { ...ours },
    theirs: { ...theirs },
  })
}

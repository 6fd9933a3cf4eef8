import type { RequestRow } from '../../apps/agent/src/http1/testdata/request-rows.js'

/** One request of a row's `forwarded` text, in which a chunked body stands between `<` and `>`. */
export interface ExpectedRequest {
  readonly method: string
  readonly target: string
  readonly host: string
  readonly body: string
  /** False: the row is refused within it, so that at most a part of it may be seen. */
  readonly isComplete: boolean
  readonly isAtLimit: boolean
}

export interface ExpectedOutcome {
  readonly requests: readonly ExpectedRequest[]
  /** The status that ends the connection, or null. */
  readonly refused: number | null
}

export function expectedOutcome([, , expected]: RequestRow): ExpectedOutcome {
  if (typeof expected === 'number') return { requests: [], refused: expected }
  if (typeof expected === 'string') return { requests: splitForwarded(expected), refused: null }
  return { requests: splitForwarded(expected[0]), refused: expected[1] }
}

/** Whether a target may have been sent as one and seen as the other; how paths are normalized is not decided here. */
export function isSameTarget(sent: string, seen: string): boolean {
  return sent === seen || /%|\/\.|\/\/|\\/.test(sent)
}

/** Nearly the most bytes or fields that an agent takes: what one agent adds may be too much for the next. */
export function isAtLimit(head: string): boolean {
  return head.length > 60_000 || head.split('\r\n').length > 90
}

function splitForwarded(text: string): ExpectedRequest[] {
  const requests: ExpectedRequest[] = []
  let rest = text
  while (rest !== '') {
    const [head, method, target, host] = /^(\S+) (\S+) HTTP\/1\.1\r\nhost: (.*)\r\n(?:.+\r\n)*\r\n/.exec(rest)!
    rest = rest.slice(head.length)
    const { all, body, isComplete } = splitBody(head, rest)
    requests.push({ method: method!, target: target!, host: host!, body, isComplete, isAtLimit: isAtLimit(head) })
    rest = rest.slice(all.length)
  }
  return requests
}

function splitBody(head: string, rest: string): { all: string; body: string; isComplete: boolean } {
  if (/\r\ntransfer-encoding: chunked\r\n/.test(head)) {
    const [all, body, end] = /^<([^>]*)(>(?:[^ :\r\n]+: ?[^\r\n]*\r\n)*)?/.exec(rest)!
    return { all, body: body!, isComplete: end !== undefined }
  }
  const length = Number(/\r\ncontent-length: (\d+)\r\n/.exec(head)?.[1] ?? 0)
  const body = rest.slice(0, length)
  return { all: body, body, isComplete: body.length === length }
}

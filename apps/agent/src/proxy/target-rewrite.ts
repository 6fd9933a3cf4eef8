// HOT: runs per request. Measure before and after.
import { type PathMatch, type Rewrite } from '@fairlead/core/snapshot'
import { PATH, QUERY, type RequestView } from '@fairlead/core/routing/request-view'
import { RE2JS } from 're2js'

/** The new path-and-query of a request; the query is always kept (S19). */
export interface TargetRewrite {
  apply(view: RequestView): Uint8Array
}

const QUESTION_MARK = 63
const encoder = new TextEncoder()

/**
 * Null: the path stays. `prefix` replaces what the route's prefix match covered, raw, with no slash added or removed.
 * Throws for a bad regex or substitution.
 */
export function compileTargetRewrite(rewrite: Rewrite | undefined, match: PathMatch | undefined): TargetRewrite | null {
  if (rewrite?.path !== undefined) return new ReplacePath(rewrite.path.value, replacedBytes(rewrite.path.kind, match))
  if (rewrite?.regex !== undefined) return new ReplaceMatches(rewrite.regex.match, rewrite.regex.substitution)
  return null
}

/** How many bytes at the start of the path a replacement stands for; -1: all of them. */
export function replacedBytes(kind: 'full' | 'prefix', match: PathMatch | undefined): number {
  if (kind === 'full') return -1
  return match?.kind === 'prefix' ? encoder.encode(match.value).length : 0
}

/** Puts `replacement` in place of the first `replaced` bytes of the path (-1: all of it). */
export class ReplacePath implements TargetRewrite {
  private readonly replacement: Uint8Array

  constructor(
    replacement: string,
    private readonly replaced: number,
  ) {
    this.replacement = encoder.encode(replacement)
  }

  apply(view: RequestView): Uint8Array {
    const pathEnd = view.ranges[PATH + 1]!
    const restStart = this.replaced < 0 ? pathEnd : Math.min(view.ranges[PATH]! + this.replaced, pathEnd)
    return withQuery(view, this.replacement, restStart, pathEnd)
  }
}

/** RE2 (no backtracking): every match in the path is substituted; `\1` is a group, `\0` the match, `\\` a backslash. */
export class ReplaceMatches implements TargetRewrite {
  private readonly regex: RE2JS
  /** Literals and group numbers in turn. */
  private readonly template: readonly (string | number)[]

  constructor(pattern: string, substitution: string) {
    this.regex = RE2JS.compile(pattern)
    this.template = parseSubstitution(substitution, this.regex.groupCount())
  }

  apply(view: RequestView): Uint8Array {
    // latin1 maps each byte to one character and back, so bytes that are no UTF-8 survive.
    const path = Buffer.from(view.bytes.buffer, view.bytes.byteOffset, view.bytes.byteLength).toString(
      'latin1',
      view.ranges[PATH]!,
      view.ranges[PATH + 1]!,
    )
    return withQuery(view, Buffer.from(this.substitute(path), 'latin1'), 0, 0)
  }

  private substitute(path: string): string {
    const matcher = this.regex.matcher(path)
    let result = ''
    let copied = 0
    while (matcher.find()) {
      result += path.slice(copied, matcher.start())
      for (const piece of this.template) result += typeof piece === 'string' ? piece : (matcher.group(piece) ?? '')
      copied = matcher.end()
    }
    return result + path.slice(copied)
  }
}

function withQuery(view: RequestView, start: Uint8Array, restStart: number, restEnd: number): Uint8Array {
  const { bytes, ranges } = view
  const queryStart = ranges[QUERY]!
  const queryBytes = queryStart < 0 ? 0 : 1 + ranges[QUERY + 1]! - queryStart
  const target = new Uint8Array(start.length + (restEnd - restStart) + queryBytes)
  target.set(start, 0)
  target.set(bytes.subarray(restStart, restEnd), start.length)
  if (queryBytes > 0) {
    const at = target.length - queryBytes
    target[at] = QUESTION_MARK
    target.set(bytes.subarray(queryStart, ranges[QUERY + 1]!), at + 1)
  }
  return target
}

function parseSubstitution(substitution: string, groups: number): (string | number)[] {
  const template: (string | number)[] = []
  for (const [piece] of substitution.matchAll(/\\[\s\S]?|[^\\]+/g)) {
    if (piece[0] !== '\\') template.push(Buffer.from(piece, 'utf8').toString('latin1'))
    else if (piece === '\\\\') template.push('\\')
    else if (!/^\\[0-9]$/.test(piece)) throw new Error(`substitution ${substitution}: ${piece} is no group`)
    else if (Number(piece[1]) > groups) throw new Error(`substitution ${substitution}: there are only ${groups} groups`)
    else template.push(Number(piece[1]))
  }
  return template
}

import type { Path } from '../common/path.js'

/**
 * Walks over valid JSON from `start` to the end of the value there, without building it, and shows each value: its
 * path, its offset (of the name, for a field), and whether its name was there before. The path is reused: copy it to
 * keep it. What `visit` answers, other than undefined, ends the walk and is returned.
 */
export function scanJson<Result>(
  text: string,
  start: number,
  visit: (path: Path, offset: number, duplicate: boolean) => Result | undefined,
): Result | undefined {
  // Of each open object the names seen so far; null for a list.
  const frames: (Set<string> | null)[] = []
  const path: (string | number)[] = []
  let nameOffset = -1
  let duplicate = false
  for (let at = start; at < text.length; at++) {
    const char = text[at]
    if (char === ',' || char === ':' || char === ' ' || char === '\n' || char === '\r' || char === '\t') continue
    const names = frames[frames.length - 1]
    if (char === '}' || char === ']') {
      frames.pop()
      path.pop()
      if (frames.length === 0) return undefined
      continue
    }
    if (names && nameOffset < 0) {
      const end = stringEnd(text, at)
      const name = JSON.parse(text.slice(at, end)) as string
      duplicate = names.has(name)
      names.add(name)
      path[path.length - 1] = name
      nameOffset = at
      at = end - 1
      continue
    }
    if (names === null) path[path.length - 1] = Number(path[path.length - 1]) + 1
    const result = visit(path, nameOffset >= 0 ? nameOffset : at, duplicate)
    if (result !== undefined) return result
    nameOffset = -1
    duplicate = false
    if (char === '{' || char === '[') {
      frames.push(char === '{' ? new Set() : null)
      path.push(char === '{' ? '' : -1)
    } else {
      at = (char === '"' ? stringEnd(text, at) : literalEnd(text, at)) - 1
      if (frames.length === 0) return undefined
    }
  }
  return undefined
}

function stringEnd(text: string, start: number): number {
  let at = start + 1
  while (text[at] !== '"') at += text[at] === '\\' ? 2 : 1
  return at + 1
}

function literalEnd(text: string, start: number): number {
  let at = start
  while (at < text.length && !/[,\]}\s]/.test(text[at] ?? '')) at++
  return at
}

import { formatPath, type Path } from '../common/path.js'
import { DEPTH_MAX, DOCUMENT_BYTES_MAX, syntaxError, tooLarge, utf8Bytes, type ParsedDocument } from './document.js'
import { scanJson } from './json-scan.js'
import { LineIndex } from './line-index.js'

type Unnumbered = Omit<ParsedDocument, 'index'>

/** Reads one JSON value, or the values of an array. Never throws. */
export function readJson(text: string): Unnumbered[] {
  const lines = new LineIndex(text)
  let root: unknown
  try {
    root = JSON.parse(text)
  } catch (error) {
    const message = (error as SyntaxError).message
    const offset = Number(/at position (\d+)/.exec(message)?.[1] ?? text.length)
    return [failed(syntaxError(`the JSON is broken: ${message}`, lines.place(offset)))]
  }
  const { fault, starts } = survey(text, Array.isArray(root) ? 1 : 0)
  if (fault !== undefined) {
    return [failed(syntaxError(fault.message, lines.place(fault.offset), fault.code, formatPath(fault.path)))]
  }
  const values: readonly unknown[] = Array.isArray(root) ? root : [root]
  return values.map((value, index) => {
    const start = starts[index] ?? 0
    // Without white space between tokens a document is at most as long as it is written here.
    const bytes = utf8Bytes(JSON.stringify(value))
    if (bytes > DOCUMENT_BYTES_MAX) return failed(tooLarge(bytes, lines.place(start)))
    return { value, findings: [], locate: locator(text, start, lines) }
  })
}

function failed(finding: ParsedDocument['findings'][number]): Unnumbered {
  return { value: undefined, findings: [finding], locate: () => undefined }
}

/** What `JSON.parse` lets through: duplicate names and any depth. Also where each document starts. */
function survey(text: string, documentDepth: number) {
  const starts: number[] = []
  const fault = scanJson(text, 0, (path, offset, duplicate) => {
    if (path.length === documentDepth) starts.push(offset)
    if (path.length > DEPTH_MAX + documentDepth) {
      return { message: `the document is nested deeper than ${DEPTH_MAX}`, code: 'too-deep', path: [], offset }
    }
    if (!duplicate) return undefined
    const name = JSON.stringify(path[path.length - 1])
    const within = path.slice(documentDepth)
    return { message: `the field ${name} is given twice: keep one of them`, code: 'duplicate', path: within, offset }
  })
  return { fault, starts }
}

function locator(text: string, start: number, lines: LineIndex): ParsedDocument['locate'] {
  let offsets: Map<string, number> | undefined
  return (path: Path) => {
    if (offsets === undefined) {
      const found = new Map<string, number>()
      scanJson(text, start, (at, offset) => void found.set(formatPath(camelCased(at)), offset))
      offsets = found
    }
    for (let length = path.length; length >= 0; length--) {
      const offset = offsets.get(formatPath(path.slice(0, length)))
      if (offset !== undefined) return lines.place(offset)
    }
    return undefined
  }
}

/** Field names may be written in snake_case; no map key that could be confused with one has an error of its own line. */
function camelCased(path: Path): Path {
  return path.map((segment) =>
    typeof segment === 'number' ? segment : segment.replace(/_(.)/g, (_, letter: string) => letter.toUpperCase()),
  )
}

import { parseAllDocuments, type Document, type Tags } from 'yaml'
import { formatPath } from '../common/path.js'
import { DEPTH_MAX, syntaxError, tooLarge, utf8Bytes, DOCUMENT_BYTES_MAX, type ParsedDocument } from './document.js'
import { LineIndex } from './line-index.js'
import { YamlTree } from './yaml-tree.js'

type Unnumbered = Omit<ParsedDocument, 'index'>

const ERRORS_MAX = 10
/** YAML 1.1 as Kubernetes reads it: yes, no, on, off are booleans; 1:30 and dates are strings. */
const DROPPED_TAGS = /^tag:yaml\.org,2002:(binary|timestamp|set|omap|pairs)$/

/** Splits a stream of YAML documents and reads each. Documents without content are passed over. Never throws. */
export function readYaml(text: string): Unnumbered[] {
  const lines = new LineIndex(text)
  const documents: Unnumbered[] = []
  for (const { start, end } of pieces(text)) readPiece(text.slice(start, end), start, lines, documents)
  return documents
}

/**
 * A line that begins with `---` begins a document wherever it stands (YAML 1.2, 9.1.2), so the stream can be split
 * before it is parsed, and a document that is too large is refused before it costs anything.
 */
function* pieces(text: string): Generator<{ readonly start: number; readonly end: number }> {
  let start = 0
  for (const marker of text.matchAll(/^---(?=[ \t\r\n]|$(?![^]))/gm)) {
    if (marker.index > start) yield { start, end: marker.index }
    start = marker.index
  }
  yield { start, end: text.length }
}

function readPiece(piece: string, start: number, lines: LineIndex, documents: Unnumbered[]): void {
  // Comments and directives alone are no document; a directive belongs to the next piece and says nothing there.
  if (/^(?:\s*(?:#.*|%.*)?(?:\r?\n|$))*$/.test(piece.length < 4096 ? piece : 'x')) return
  const place = (offset: number) => lines.place(start + offset)
  const fail = (...findings: ParsedDocument['findings'][number][]): void => {
    documents.push({ value: undefined, findings, locate: () => place(0) })
  }
  const bytes = utf8Bytes(piece)
  if (bytes > DOCUMENT_BYTES_MAX) return fail(tooLarge(bytes, place(0)))
  const nul = piece.indexOf('\0')
  if (nul >= 0)
    return fail(syntaxError('the text has the character U+0000, which is not allowed', place(nul), 'invalid'))
  for (const document of parse(piece)) {
    if (document === null) {
      fail(syntaxError(`the document is nested deeper than ${DEPTH_MAX}`, place(0), 'too-deep'))
    } else if (document.errors.length + document.warnings.length > 0) {
      const errors = [...document.errors, ...document.warnings].slice(0, ERRORS_MAX)
      fail(...errors.map((error) => syntaxError(error.message, place(error.pos[0]))))
    } else {
      readDocument(document, place, documents)
    }
  }
}

function readDocument(
  document: Document,
  place: (offset: number) => { readonly line: number; readonly column: number },
  documents: Unnumbered[],
): void {
  const tree = new YamlTree(document.contents)
  const value = tree.read()
  const findings = tree.faults.map(({ message, code, path, offset }) =>
    syntaxError(message, place(offset), code, formatPath(path)),
  )
  if (value === null && findings.length === 0) return
  documents.push({
    value: findings.length > 0 ? undefined : value,
    findings,
    locate: (path) => {
      const found = tree.find(path)
      return found && { ...place(found.offset), ...(found.source !== undefined && { source: found.source }) }
    },
  })
}

/** Null stands for a document nested so deep that the parser gave up. */
function parse(piece: string): readonly (Document | null)[] {
  try {
    return parseAllDocuments(piece, {
      version: '1.1',
      // Checked in YamlTree, in linear time.
      uniqueKeys: false,
      resolveKnownTags: false,
      prettyErrors: false,
      customTags: (tags: Tags) =>
        tags.filter((tag) => {
          if (typeof tag === 'string') return !DROPPED_TAGS.test(`tag:yaml.org,2002:${tag}`)
          return !DROPPED_TAGS.test(tag.tag) && tag.format !== 'TIME'
        }),
    }) as readonly Document[]
  } catch (error) {
    // The parser recurses: a stack that overflows is the only limit it has.
    if (error instanceof RangeError) return [null]
    throw error
  }
}

import { Composer, Parser, Schema, type CST, type Document, type ParsedNode, type Tags } from 'yaml'
import { formatPath } from '../common/path.js'
import { DEPTH_MAX, syntaxError, tooLarge, utf8Bytes, DOCUMENT_BYTES_MAX, type ParsedDocument } from './document.js'
import { LineIndex } from './line-index.js'
import { YamlTree } from './yaml-tree.js'

type Unnumbered = Omit<ParsedDocument, 'index'>
type Composed = Document.Parsed<ParsedNode>

const ERRORS_MAX = 10
const MESSAGE_MAX = 200
/** Broken documents cost much more than good ones. After this much of them the rest of the text is not read. */
const BROKEN_BYTES_MAX = DOCUMENT_BYTES_MAX
const FLOAT = /^[-+]?(?:[0-9][0-9_]*\.[0-9_]*|\.[0-9][0-9_]*)$/
const DROPPED_TAGS = /:(binary|timestamp|set|omap|pairs)$/

/**
 * YAML 1.1 as Kubernetes reads it: yes, no, on, off are booleans; 1:30 and dates are strings. Made once: for a document
 * of usual size it would cost as much as the rest.
 */
const SCHEMA = new Schema({
  schema: 'yaml-1.1',
  resolveKnownTags: false,
  customTags: (tags: Tags): Tags =>
    tags
      .filter((tag) => typeof tag === 'string' || (!DROPPED_TAGS.test(tag.tag) && tag.format !== 'TIME'))
      // A dot alone is no number: `exportTo: [.]`.
      .map((tag) => (typeof tag !== 'string' && 'test' in tag && tag.test?.test('.') ? { ...tag, test: FLOAT } : tag)),
})
// Duplicate keys are found in YamlTree, in linear time.
const PARSING = { version: '1.1', schema: SCHEMA, uniqueKeys: false } as const

/** Splits a stream of YAML documents and reads each. Documents without content are passed over. Never throws. */
export function readYaml(text: string): Unnumbered[] {
  const lines = new LineIndex(text)
  const documents: Unnumbered[] = []
  let brokenBytes = 0
  for (const { start, end } of pieces(text)) {
    const before = documents.length
    readPiece(text.slice(start, end), start, lines, documents)
    if (documents.slice(before).some(({ findings }) => findings.length > 0)) brokenBytes += end - start
    if (brokenBytes > BROKEN_BYTES_MAX) break
  }
  return documents
}

/**
 * A line that begins with `---` begins a document wherever it stands (YAML 1.2, 9.1.2), so the stream can be split
 * before it is parsed, and a document that is too large is refused before it costs anything.
 */
function* pieces(text: string): Generator<{ readonly start: number; readonly end: number }> {
  let start = 0
  for (const marker of text.matchAll(/^---(?=\s|$)/gm)) {
    if (marker.index > start) yield { start, end: marker.index }
    start = marker.index
  }
  yield { start, end: text.length }
}

function readPiece(piece: string, start: number, lines: LineIndex, documents: Unnumbered[]): void {
  // Comments and directives alone are no document; a directive belongs to the next piece and says nothing there.
  if (piece.split('\n').every((line) => /^\s*(?:[#%]|$)/.test(line))) return
  const place = (offset: number) => lines.place(start + offset)
  const fail = (...findings: ParsedDocument['findings'][number][]): void => {
    documents.push({ value: undefined, findings, locate: () => place(0) })
  }
  const bytes = utf8Bytes(piece)
  if (bytes > DOCUMENT_BYTES_MAX) return fail(tooLarge(bytes, place(0)))
  const nul = piece.indexOf('\0')
  if (nul >= 0) return fail(syntaxError('the text has the character U+0000: remove it', place(nul), 'invalid'))
  for (const document of parse(piece)) {
    if (document === null) {
      fail(syntaxError(`the document is nested deeper than ${DEPTH_MAX}`, place(0), 'too-deep'))
    } else if (document.errors.length + document.warnings.length > 0) {
      const errors = [...document.errors, ...document.warnings].slice(0, ERRORS_MAX)
      fail(...errors.map((error) => syntaxError(error.message.slice(0, MESSAGE_MAX), place(error.pos[0]))))
    } else {
      readDocument(document, place, documents)
    }
  }
}

function readDocument(
  document: Composed,
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

/**
 * Null stands for a document that is nested too deep: the composer recurses, so this is found before it runs. Broken
 * input can make the parser report an error for each byte; ten are enough to say that it is broken.
 */
function parse(piece: string): readonly (Composed | null)[] {
  const tokens: CST.Token[] = []
  let errors = 0
  for (const token of new Parser().parse(piece)) {
    if (isTooDeep(token)) return [null]
    tokens.push(token)
    if (token.type === 'error' && ++errors >= ERRORS_MAX) break
  }
  return [...new Composer(PARSING).compose(tokens, false, piece.length)]
}

function isTooDeep(root: CST.Token): boolean {
  const open: [token: CST.Token | null | undefined, depth: number][] = [[root, 0]]
  for (let next = open.pop(); next !== undefined; next = open.pop()) {
    const [token, depth] = next
    if (depth > DEPTH_MAX + 1) return true
    if (token?.type === 'document') open.push([token.value, depth])
    else if (token !== null && token !== undefined && 'items' in token) {
      for (const { key, value } of token.items) open.push([key, depth + 1], [value, depth + 1])
    }
  }
  return false
}

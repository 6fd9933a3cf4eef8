export interface SourceFile {
  /** As the user wrote it; `<stdin>` for -. */
  readonly name: string
  readonly text: string
}

/** Several files as one request: all or nothing holds over them together. */
export interface Documents {
  readonly body: string
  readonly contentType: 'application/yaml' | 'application/json'
  readonly files: readonly (SourceFile & {
    /** 1-based line of the body where the file begins. */ readonly line: number
  })[]
}

const DOCUMENT_END = '...\n'

/** Joins files so that a line of the body can be told as a line of its file. */
export function joinFiles(sources: readonly SourceFile[]): Documents {
  const [only] = sources
  if (sources.length === 1 && only !== undefined && isJson(only)) {
    return { body: only.text, contentType: 'application/json', files: [{ ...only, line: 1 }] }
  }
  let body = ''
  let line = 1
  const files = sources.map((source) => {
    const file = { ...source, line }
    // In JSON a tab can only be white space; YAML refuses it as indentation.
    const text = (isJson(source) ? source.text.replaceAll('\t', ' ') : source.text).replace(/^\uFEFF/, '')
    const chunk = (text.endsWith('\n') ? text : `${text}\n`) + DOCUMENT_END
    body += chunk
    line += chunk.split('\n').length - 1
    return file
  })
  return { body, contentType: 'application/yaml', files }
}

/** `file.yaml:3:11`, or as much of it as is known. */
export function placeOf(
  error: { readonly line?: number | undefined; readonly column?: number | undefined },
  documents: Documents,
): string {
  const { line } = error
  if (line === undefined) return documents.files.length === 1 ? (documents.files[0]?.name ?? '') : ''
  const file = documents.files.findLast((candidate) => candidate.line <= line)
  if (file === undefined) return ''
  return [file.name, line - file.line + 1, ...(error.column === undefined ? [] : [error.column])].join(':')
}

function isJson(source: SourceFile): boolean {
  return source.name.endsWith('.json') || (source.name === '<stdin>' && /^\s*[{[]/.test(source.text))
}

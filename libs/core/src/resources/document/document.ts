import type { Path } from '../common/path.js'
import type { Finding } from '../finding.js'

/** 1 MiB of UTF-8: etcd refuses more than about that, so no Istio resource is larger. */
export const DOCUMENT_BYTES_MAX = 1024 * 1024
export const DEPTH_MAX = 64

/** One resource in a text, before anything of its meaning is known. */
export interface ParsedDocument {
  /** Place among the documents of the text, from 0; items of a `List` count one each. */
  readonly index: number
  /** A JSON value; undefined where the text could not be read. */
  readonly value: unknown
  /** Errors of syntax and of limits; empty means that `value` is whole. */
  readonly findings: readonly Finding[]
  /** Where a path stands, or what is nearest above it. */
  readonly locate: (path: Path) => SourcePlace | undefined
}

/** A place in a source text, 1-based, and for a plain scalar how it stood there (`1.10`). */
export interface SourcePlace {
  readonly line: number
  readonly column: number
  readonly source?: string
}

export function syntaxError(message: string, place: SourcePlace | undefined, code = 'syntax', path = ''): Finding {
  return { severity: 'error', path, code, message, ...(place && { line: place.line, column: place.column }) }
}

export function tooLarge(bytes: number, place: SourcePlace | undefined): Finding {
  const message = `the document has ${bytes} bytes, expected at most ${DOCUMENT_BYTES_MAX}: split it`
  return syntaxError(message, place, 'too-large')
}

/** Bytes in UTF-8; counts only where the number of UTF-16 units does not settle it. */
export function utf8Bytes(text: string): number {
  return text.length * 3 <= DOCUMENT_BYTES_MAX ? text.length : new TextEncoder().encode(text).length
}

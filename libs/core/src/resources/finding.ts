/** What validation or analysis has to say about one field. Paths are written `spec.http[0].route[1].weight`. */
export interface Finding {
  readonly severity: 'error' | 'warning'
  /** Empty path: the document as a whole. */
  readonly path: string
  /** What was found, what was expected, what to do. */
  readonly message: string
  /** Stable word for programs: `unknown-field`, `type`, `enum`, `pending`, `no-effect`, `duplicate`, ... */
  readonly code: string
  /** 1-based place in the source text, where there was one. */
  readonly line?: number
  readonly column?: number
}

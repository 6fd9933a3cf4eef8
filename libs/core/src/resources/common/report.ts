import type { Path } from './path.js'

/** A finding before its path is written out and its line is looked up. */
export interface Issue {
  readonly severity: 'error' | 'warning'
  readonly path: Path
  readonly code: string
  readonly message: string
}

/** Collects what validation has to say about one part of a resource; never stops at the first. */
export class Report {
  constructor(
    readonly issues: Issue[] = [],
    private readonly path: Path = [],
  ) {}

  /** The same report, for what lies at `segments` below. */
  at(...segments: Path): Report {
    return new Report(this.issues, [...this.path, ...segments])
  }

  error(code: string, message: string): void {
    this.issues.push({ severity: 'error', path: this.path, code, message })
  }

  warning(code: string, message: string): void {
    this.issues.push({ severity: 'warning', path: this.path, code, message })
  }
}

import type { Report } from './common/report.js'

const DEPTH_MAX = 64

/**
 * Reports what no field may hold, since no store and no wire keeps it: U+0000, half a surrogate pair, and nesting
 * deeper than 64. Answers whether there was any.
 */
export function unsafeText(value: unknown, report: Report): boolean {
  const before = report.issues.length
  visit(value, report, 0)
  return report.issues.length > before
}

function visit(value: unknown, report: Report, depth: number): void {
  if (depth > DEPTH_MAX) {
    report.error('too-deep', `the document is nested deeper than ${DEPTH_MAX}`)
  } else if (typeof value === 'string') {
    check(value, 'the string', report)
  } else if (typeof value === 'object' && value !== null) {
    for (const [key, item] of Object.entries(value)) {
      const below = report.at(Array.isArray(value) ? Number(key) : key)
      check(key, 'the name', below)
      visit(item, below, depth + 1)
    }
  }
}

function check(text: string, what: string, report: Report): void {
  if (text.includes('\0')) report.error('invalid', `${what} has the character U+0000, which is not allowed: remove it`)
  // With the u flag a surrogate pair is one character, so this finds halves only.
  if (/\p{Surrogate}/u.test(text)) report.error('invalid', `${what} is not well-formed Unicode: half a surrogate pair`)
}

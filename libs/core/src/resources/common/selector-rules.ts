import { checkLabels } from './names.js'
import type { Report } from './report.js'

/** Labels that select workloads: label syntax, and no wildcards. */
export function checkSelector(labels: Readonly<Record<string, string>> | undefined, report: Report): void {
  const plain: Record<string, string> = {}
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!key.includes('*') && !value.includes('*')) plain[key] = value
    else report.at(key).error('selector', 'a selector has no wildcards: name the label and its whole value')
  }
  checkLabels(plain, report)
}

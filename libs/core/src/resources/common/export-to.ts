import { isDnsLabel } from './names.js'
import type { Report } from './report.js'

/** Istio's rules for `exportTo`: no doubles, `*` and `~` stand alone. `nobody`: `~` is allowed (ServiceEntry only). */
export function checkExportTo(
  exportTo: readonly string[] | undefined,
  namespace: string,
  report: Report,
  { nobody = false } = {},
): void {
  const seen = new Set<string>()
  exportTo?.forEach((entry, index) => {
    const at = report.at(index)
    const target = entry === '.' ? namespace : entry
    if (entry === '~' && !nobody) {
      at.error('export-to', '"~" (nobody) is for ServiceEntry only: use ".", "*" or names of namespaces')
    } else if (target !== '*' && target !== '~' && !isDnsLabel(target)) {
      at.error('export-to', `${JSON.stringify(entry)} is no namespace: expected ".", "*" or a DNS-1123 label`)
    } else if (seen.has(target)) {
      at.error('duplicate', `${JSON.stringify(entry)} is listed twice (\`.\` is the namespace ${namespace}): keep one`)
    } else if ((target === '*' || target === '~') && exportTo.length > 1) {
      at.error('export-to', `${JSON.stringify(entry)} must stand alone: remove the other entries`)
    }
    seen.add(target)
  })
}

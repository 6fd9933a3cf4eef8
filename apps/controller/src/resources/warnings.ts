import type { Response } from 'express'
import type { ApplyWarning } from '@fairlead/api-client'

/** Header bytes that an answer may spend on warnings; common clients take 8 to 16 KiB of headers in all. */
const headerBytesMax = 4096

/** Each warning as `Warning: 299 - "text"` (RFC 9111 5.5), as Kubernetes sends them; what is too much is counted. */
export function setWarnings(response: Response, warnings: readonly ApplyWarning[]): void {
  const values: string[] = []
  let bytes = 0
  for (const [index, { kind, namespace, name, path, message }] of warnings.entries()) {
    const value = warning(`${kind} ${namespace}/${name}: ${path}: ${message}`)
    bytes += value.length
    if (bytes > headerBytesMax) {
      values.push(warning(`and ${warnings.length - index} more`))
      break
    }
    values.push(value)
  }
  if (values.length > 0) response.setHeader('Warning', values)
}

function warning(text: string): string {
  // Header values are ASCII here; quotes and backslashes are escaped as in any quoted-string.
  return `299 - "${text.replace(/[^\x20-\x7e]/g, '?').replace(/["\\]/g, '\\$&')}"`
}

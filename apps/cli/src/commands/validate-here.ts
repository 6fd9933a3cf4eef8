import { readResources, type Finding, type ReadDocument } from '@fairlead/core/resources'
import { placeOf, type Documents } from '../documents/source-map.js'
import { ExitCode } from '../exit-code.js'
import { shortReference } from '../mesh-kind.js'
import { colorsFor } from '../output/color.js'
import type { Terminal } from '../terminal.js'

export interface ValidateOptions {
  readonly namespace?: string
  readonly allowPending?: boolean
}

/** `apply --dry-run=client`: what the documents alone can tell, without a controller. */
export function validateHere(terminal: Terminal, documents: Documents, options: ValidateOptions): number {
  const format = documents.contentType === 'application/json' ? 'json' : 'yaml'
  const read = readResources(documents.body, { format, defaultNamespace: options.namespace ?? 'default' })
  const colors = colorsFor(terminal.stderr, terminal.env)
  const refuses = (finding: Finding) =>
    finding.severity === 'error' || (finding.code === 'pending' && !options.allowPending)
  const tell = (finding: Finding, document: ReadDocument | null) => {
    const label = refuses(finding) ? colors.red('error:') : colors.yellow('warning:')
    terminal.stderr.write(`${label} ${describeFinding(finding, document, documents)}\n`)
  }
  for (const finding of read.findings) tell(finding, null)
  for (const document of read.documents) for (const finding of document.findings) tell(finding, document)
  const isRefused = [...read.findings, ...read.documents.flatMap(({ findings }) => findings)].some(refuses)
  if (isRefused) return ExitCode.invalidInput
  for (const { kind, name } of read.documents)
    terminal.stdout.write(`${shortReference(kind, name)} valid (client dry run)\n`)
  return ExitCode.ok
}

function describeFinding(finding: Finding, document: ReadDocument | null, documents: Documents): string {
  const named = document?.name ? shortReference(document.kind, document.name) : ''
  const where = finding.line === undefined ? named : placeOf(finding, documents)
  return [where, finding.path, finding.message].filter((part) => part !== '').join(': ')
}

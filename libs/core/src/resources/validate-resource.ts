import { objectMeta, objectMetaRules, SERVER_FIELDS } from './common/object-meta.js'
import { formatPath, isWithin, type Path } from './common/path.js'
import { Report, type Issue } from './common/report.js'
import type { RulesContext } from './common/rules.js'
import { suggest } from './common/suggest.js'
import type { SourcePlace } from './document/document.js'
import { fieldFindings } from './field-findings.js'
import type { Finding } from './finding.js'
import type { KindDefinition } from './kind-definition.js'
import { findKind, kinds } from './kinds.js'
import { isObject, normalise } from './normalise.js'
import type { ObjectMeta, Resource } from './resource.js'
import { shapeFindings } from './shape-findings.js'
import { unsafeText } from './unsafe-text.js'

/** Of one document; more help nobody. */
const FINDINGS_MAX = 100

export interface ValidationContext {
  /** For documents that name no namespace. */
  readonly defaultNamespace: string
  /** Where a path, or what is nearest above it, stands in the source. */
  readonly locate?: (path: Path) => SourcePlace | undefined
}

export interface ValidationResult {
  /** In storage version and normal form; null when a finding is an error. */
  readonly resource: Resource | null
  readonly findings: Finding[]
}

/**
 * Says everything there is to say about one document, and never throws: unknown fields, wrong types, names, semantic
 * rules, and as warnings the fields that are pending, have no effect or are deprecated. `raw` is any JSON value; it is
 * not changed.
 */
export function validateResource(raw: unknown, context: ValidationContext): ValidationResult {
  const report = new Report()
  const resource = validate(raw, context, report)
  const fits = report.issues.every(({ severity }) => severity !== 'error')
  const findings = report.issues.slice(0, FINDINGS_MAX).map((issue) => located(issue, context))
  const more = report.issues.length - FINDINGS_MAX
  if (more > 0) {
    const severity = fits ? 'warning' : 'error'
    findings.push({ severity, path: '', code: 'more', message: `and ${more} further findings in this document` })
  }
  return { resource: fits ? resource : null, findings }
}

function validate(raw: unknown, context: ValidationContext, report: Report): Resource | null {
  if (!isObject(raw)) {
    report.error('type', 'expected an object with apiVersion, kind, metadata and spec')
    return null
  }
  if (unsafeText(raw, report)) return null
  const kind = kindOf(raw, report)
  if (kind === undefined) return null
  const allowed = ['apiVersion', 'kind', 'metadata', 'spec', 'status']
  for (const key of Object.keys(raw).filter((key) => !allowed.includes(key))) {
    const close = suggest(key, allowed)
    const hint = close === undefined ? 'known are apiVersion, kind, metadata, spec' : `did you mean ${close}?`
    report.at(key).error('unknown-field', `${kind.kind} has no field ${JSON.stringify(key.slice(0, 100))}; ${hint}`)
  }
  const metadata = metadataOf(kind, raw['metadata'], context, report)
  const spec = specOf(kind, raw['spec'], { ...context, ...metadata }, report)
  return { apiVersion: `${kind.group}/${kind.storageVersion}`, kind: kind.kind, metadata, spec }
}

function kindOf(raw: Record<string, unknown>, report: Report): KindDefinition | undefined {
  const { apiVersion, kind } = raw
  for (const field of ['apiVersion', 'kind']) {
    if (typeof raw[field] === 'string') continue
    if (raw[field] === undefined || raw[field] === null) report.at(field).error('required', `the field is required`)
    else report.at(field).error('type', 'expected a string')
  }
  if (typeof apiVersion !== 'string' || typeof kind !== 'string') return undefined
  const [group = '', version = ''] = apiVersion.split('/')
  const definition = findKind(group, kind)
  if (definition?.kind === kind && definition.versions.includes(version)) return definition
  const known = kinds.find((candidate) => candidate.kind === kind)
  if (known === undefined) {
    const names = kinds.map((candidate) => candidate.kind)
    const close = suggest(kind, names)
    const hint = close === undefined ? `known are ${names.join(', ')}` : `did you mean ${close}?`
    report
      .at('kind')
      .error(
        'unknown-kind',
        `there is no kind ${JSON.stringify(kind.slice(0, 100))} in ${apiVersion.slice(0, 100)}; ${hint}`,
      )
  } else {
    const versions = known.versions.map((version) => `${known.group}/${version}`).join(', ')
    report
      .at('apiVersion')
      .error('unknown-kind', `${kind} is of ${versions}, not of ${JSON.stringify(apiVersion.slice(0, 100))}`)
  }
  return undefined
}

function metadataOf(kind: KindDefinition, raw: unknown, context: ValidationContext, parent: Report): ObjectMeta {
  const report = parent.at('metadata')
  const own = isObject(raw) ? without(raw, SERVER_FIELDS) : (raw ?? {})
  const normal = normalise(objectMeta, own, report)
  const fit = shapeFindings(objectMeta, normal, report, sourceIn(context, 'metadata'))
  const namespace = fit.namespace ?? context.defaultNamespace
  objectMetaRules({ ...fit, namespace }, report)
  if (kind.nameIsLabel && fit.name?.includes('.')) {
    report.at('name').error('name', `the name of a ${kind.kind} has no dots, found ${JSON.stringify(fit.name)}`)
  }
  fieldFindings(objectMeta, normal, report)
  const { name = '', labels, annotations, uid, creationTimestamp, resourceVersion, generation } = fit
  return {
    name,
    namespace,
    ...(labels && Object.keys(labels).length > 0 && { labels }),
    ...(annotations && Object.keys(annotations).length > 0 && { annotations }),
    ...(uid !== undefined && { uid }),
    ...(creationTimestamp !== undefined && { creationTimestamp }),
    ...(resourceVersion !== undefined && { resourceVersion }),
    ...(generation !== undefined && { generation }),
  }
}

/** The spec in normal form. Rules see what fits of it; what they say of a place that did not fit is dropped. */
function specOf(
  kind: KindDefinition,
  raw: unknown,
  context: RulesContext & ValidationContext,
  parent: Report,
): unknown {
  const report = parent.at('spec')
  const normal = normalise(kind.schema, raw ?? {}, report)
  const fit = shapeFindings(kind.schema, normal, report, sourceIn(context, 'spec'))
  fieldFindings(kind.schema, normal, report)
  const misfits = parent.issues.filter((issue) => issue.severity === 'error' && issue.path[0] === 'spec')
  const semantic = new Report([], ['spec'])
  kind.rules(fit, context, semantic)
  for (const issue of semantic.issues) {
    if (!misfits.some((misfit) => isWithin(misfit.path, issue.path))) parent.issues.push(issue)
  }
  return normal
}

function sourceIn(context: ValidationContext, field: string): (path: Path) => string | undefined {
  return (path) => context.locate?.([field, ...path])?.source
}

function without(object: Record<string, unknown>, keys: readonly string[]): Record<string, unknown> {
  return Object.fromEntries(Object.entries(object).filter(([key]) => !keys.includes(key)))
}

function located(issue: Issue, context: ValidationContext): Finding {
  const place = context.locate?.(issue.path)
  const { severity, code, message } = issue
  const finding = { severity, path: formatPath(issue.path), message, code }
  return place === undefined ? finding : { ...finding, line: place.line, column: place.column }
}

import type { DestinationRuleSpec, Resource, Subset, TrafficPolicy } from '../resources/index.js'
import { compareSpecificity, covers, isWildcard, resolveHost } from './host.js'
import { matchesLabels, type Labels } from './labels.js'
import { exportSet, isExportedTo } from './visibility.js'

/** What holds for one host and one client: all its DestinationRules, merged (S41). */
export interface MergedDestinationRule {
  readonly trafficPolicy: TrafficPolicy | undefined
  /** Unique by name. */
  readonly subsets: readonly Subset[]
}

export interface Client {
  readonly namespace: string
  readonly labels: Labels
}

export class DestinationRuleIndex {
  /** Names of the labels that selectors ask for: clients that agree in them get the same rules. */
  readonly selectorLabels: ReadonlySet<string>
  readonly #rootNamespace: string
  readonly #byNamespace: ReadonlyMap<string, NamespaceRules>

  /** `resources`: the oldest first. */
  constructor(resources: readonly Resource<DestinationRuleSpec>[], meshDomain: string, rootNamespace: string) {
    const rules = resources.map((resource) => ruleOf(resource, meshDomain))
    this.#rootNamespace = rootNamespace
    this.selectorLabels = new Set(rules.flatMap(({ selector }) => Object.keys(selector ?? {})))
    this.#byNamespace = groupByNamespace([
      ...rules.filter(({ selector }) => selector !== null),
      ...rules.filter(({ selector }) => selector === null),
    ])
  }

  /**
   * The rule for traffic of this client to the host (S40): the client's namespace, then the service's, then the root
   * one; the first with any visible match decides, by its most specific host. Nothing is inherited across hosts or
   * namespaces; null: defaults.
   */
  find(client: Client, host: string, serviceNamespace: string): MergedDestinationRule | null {
    for (const namespace of new Set([client.namespace, serviceNamespace, this.#rootNamespace])) {
      const rules = this.#mostSpecific(namespace, host, client.namespace)
      if (rules !== null) return choose(rules, client.labels)
    }
    return null
  }

  #mostSpecific(namespace: string, host: string, clientNamespace: string): readonly Rule[] | null {
    const rules = this.#byNamespace.get(namespace)
    if (rules === undefined) return null
    for (const candidate of [host, ...rules.wildcards.filter((wildcard) => covers(wildcard, host))]) {
      const ofHost = rules.byHost.get(candidate) ?? []
      const visible = ofHost.filter((rule) => isExportedTo(rule.exportTo, namespace, clientNamespace))
      if (visible.length > 0) return visible
    }
    return null
  }
}

interface NamespaceRules {
  /** Those with a selector first, then the oldest. */
  readonly byHost: Map<string, Rule[]>
  /** The most specific first. */
  readonly wildcards: string[]
}

function groupByNamespace(rules: readonly Rule[]): ReadonlyMap<string, NamespaceRules> {
  const namespaces = new Map<string, NamespaceRules>()
  for (const rule of rules) {
    const { byHost, wildcards } = namespaces.get(rule.namespace) ?? { byHost: new Map<string, Rule[]>(), wildcards: [] }
    namespaces.set(rule.namespace, { byHost, wildcards })
    const ofHost = byHost.get(rule.host)
    if (ofHost !== undefined) ofHost.push(rule)
    else byHost.set(rule.host, [rule])
    if (ofHost === undefined && isWildcard(rule.host)) wildcards.push(rule.host)
  }
  for (const { wildcards } of namespaces.values()) wildcards.sort(compareSpecificity)
  return namespaces
}

interface Rule {
  readonly namespace: string
  readonly host: string
  readonly selector: Labels | null
  /** A rule with a selector is private to its namespace (S42). */
  readonly exportTo: readonly string[]
  readonly spec: DestinationRuleSpec
}

function ruleOf({ metadata, spec }: Resource<DestinationRuleSpec>, meshDomain: string): Rule {
  const selector = spec.workloadSelector === undefined ? null : (spec.workloadSelector.matchLabels ?? {})
  return {
    namespace: metadata.namespace,
    host: resolveHost(spec.host, metadata.namespace, meshDomain),
    selector,
    exportTo: selector === null ? exportSet(spec.exportTo, metadata.namespace) : [metadata.namespace],
    spec,
  }
}

/** A rule whose selector matches the client beats those without one (S42). */
function choose(rules: readonly Rule[], labels: Labels): MergedDestinationRule | null {
  const base =
    rules.find((rule) => rule.selector !== null && matchesLabels(rule.selector, labels)) ??
    rules.find((rule) => rule.selector === null)
  return base === undefined ? null : merge(rules.filter((rule) => mergesInto(base, rule)))
}

/** Only with an equal selector, and only if everyone who sees `base` sees `rule` (S41). */
function mergesInto(base: Rule, rule: Rule): boolean {
  if (rule === base) return true
  if (!sameLabels(base.selector, rule.selector)) return false
  return base.exportTo.every((target) => rule.exportTo.includes(target))
}

function merge(rules: readonly Rule[]): MergedDestinationRule {
  const subsets = new Map<string, Subset>()
  for (const subset of rules.flatMap((rule) => rule.spec.subsets ?? [])) {
    if (!subsets.has(subset.name)) subsets.set(subset.name, subset)
  }
  const first = rules.find((rule) => rule.spec.trafficPolicy !== undefined)
  return { trafficPolicy: first?.spec.trafficPolicy, subsets: [...subsets.values()] }
}

function sameLabels(a: Labels | null, b: Labels | null): boolean {
  if (a === null || b === null) return a === b
  return matchesLabels(a, b) && matchesLabels(b, a)
}

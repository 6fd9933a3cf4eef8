import { checkExportTo } from '../common/export-to.js'
import { checkLabels, isDnsLabel, isWildcardHost } from '../common/names.js'
import type { Report } from '../common/report.js'
import { earlierSame, type Rules } from '../common/rules.js'
import { checkSelector } from '../common/selector-rules.js'
import type { DestinationRuleSpec } from './schema.js'
import { checkTrafficPolicy } from './traffic-policy.rules.js'

export const destinationRuleRules: Rules<DestinationRuleSpec> = (spec, { namespace }, report) => {
  const { host, subsets = [], exportTo, workloadSelector } = spec
  if (host !== undefined && !isWildcardHost(host)) {
    report.at('host').error('host', `${JSON.stringify(host)} is no host: expected a name without port, or "*.suffix"`)
  }
  if (spec.trafficPolicy) checkTrafficPolicy(spec.trafficPolicy, report.at('trafficPolicy'))
  checkSubsets(subsets, report.at('subsets'))
  checkExportTo(exportTo, namespace, report.at('exportTo'))
  if (workloadSelector === undefined) return
  checkSelector(workloadSelector.matchLabels, report.at('workloadSelector', 'matchLabels'))
  if (exportTo?.some((entry) => entry !== '.' && entry !== namespace)) {
    report
      .at('exportTo')
      .error('export-to', 'a rule with a workloadSelector stays in its namespace: export to "." only')
  }
}

function checkSubsets(subsets: NonNullable<DestinationRuleSpec['subsets']>, report: Report): void {
  const same = earlierSame(subsets, ({ name }) => name)
  subsets.forEach((subset, index) => {
    const at = report.at(index)
    if (!isDnsLabel(subset.name)) {
      at.at('name').error('name', `${JSON.stringify(subset.name)} is no DNS-1123 label: expected a name like "v1"`)
    } else if (same[index] !== undefined) {
      at.at('name').error('duplicate', `the name ${subset.name} is already that of subsets[${same[index]}]`)
    }
    checkLabels(subset.labels, at.at('labels'))
    if (subset.trafficPolicy) checkTrafficPolicy(subset.trafficPolicy, at.at('trafficPolicy'))
  })
}

import type { Report } from '../common/report.js'
import { earlierSame } from '../common/rules.js'
import type { LoadBalancerSettings } from './schema.js'

type ConsistentHash = NonNullable<LoadBalancerSettings['consistentHash']>
type LocalitySetting = NonNullable<LoadBalancerSettings['localityLbSetting']>

/** Envoy's bound of Maglev's table. */
const TABLE_MAX = 5000011
const TOPOLOGY = ['topology.kubernetes.io/region', 'topology.kubernetes.io/zone', 'topology.istio.io/subzone']

export function checkLoadBalancer(settings: LoadBalancerSettings, report: Report): void {
  const { simple = 'UNSPECIFIED', warmup, consistentHash } = settings
  if (consistentHash) checkConsistentHash(consistentHash, report.at('consistentHash'))
  if (settings.localityLbSetting) checkLocality(settings.localityLbSetting, report.at('localityLbSetting'))
  if (settings.localityLbSetting && settings.zoneAwareLbSetting) {
    report.error('oneof', 'localityLbSetting and zoneAwareLbSetting exclude each other: keep one of them')
  }
  if (!warmup && !settings.warmupDurationSecs) return
  if (consistentHash || simple === 'RANDOM' || simple === 'PASSTHROUGH') {
    report.at(warmup ? 'warmup' : 'warmupDurationSecs').error('reference', 'warm-up needs ROUND_ROBIN or LEAST_REQUEST')
  }
  if ((warmup?.minimumPercent ?? 0) > 100 || (warmup?.minimumPercent ?? 0) < 0) {
    report.at('warmup', 'minimumPercent').error('range', `found ${warmup?.minimumPercent}, expected 0 to 100`)
  }
  if (warmup?.aggression !== undefined && warmup.aggression <= 0) {
    report.at('warmup', 'aggression').error('range', `found ${warmup.aggression}, expected more than 0`)
  }
}

function checkConsistentHash(hash: ConsistentHash, report: Report): void {
  if (!hash.httpHeaderName && !hash.httpCookie && !hash.useSourceIp && !hash.httpQueryParameterName) {
    report.error('required', 'expected one of httpHeaderName, httpCookie, useSourceIp, httpQueryParameterName')
  }
  if (hash.httpCookie?.name === '') report.at('httpCookie', 'name').error('required', 'the name is empty')
  const { attributes = [] } = hash.httpCookie ?? {}
  const same = earlierSame(attributes, ({ name }) => name)
  attributes.forEach(({ name }, index) => {
    if (same[index] !== undefined) {
      report.at('httpCookie', 'attributes', index, 'name').error('duplicate', `the attribute ${name} is listed twice`)
    }
  })
  if (hash.minimumRingSize && (hash.ringHash || hash.maglev)) {
    report.at('minimumRingSize').error('oneof', 'minimumRingSize is the old form of ringHash: keep one of them')
  }
  const { tableSize } = hash.maglev ?? {}
  if (tableSize !== undefined && (tableSize >= TABLE_MAX || !isPrime(tableSize))) {
    report.at('maglev', 'tableSize').error('range', `found ${tableSize}, expected a prime below ${TABLE_MAX}`)
  }
}

function checkLocality(setting: LocalitySetting, report: Report): void {
  const { distribute = [], failover = [], failoverPriority = [] } = setting
  if (distribute.length > 0 && failover.length + failoverPriority.length > 0) {
    report.error('oneof', 'distribute excludes failover and failoverPriority: keep one of them')
  }
  if (failover.length > 0 && failoverPriority.some((label) => TOPOLOGY.includes(label.split('=')[0] ?? ''))) {
    report.at('failoverPriority').error('oneof', 'with failover the priority has no labels of region, zone or subzone')
  }
  distribute.forEach(({ to = {} }, index) => {
    const weights = Object.values(to)
    if (weights.some((weight) => weight < 1 || weight > 100) || weights.reduce((sum, one) => sum + one, 0) !== 100) {
      report.at('distribute', index, 'to').error('weight', 'expected weights of 1 to 100 that add up to 100')
    }
  })
  failover.forEach(({ from, to }, index) => {
    const at = report.at('failover', index)
    if (from === to) at.error('invalid', 'a region cannot fail over to itself')
    if (/[/*]/.test(`${from}${to}`))
      at.error('invalid', 'failover is between regions: expected names without "/" or "*"')
  })
}

function isPrime(number: number): boolean {
  if (number < 2) return false
  for (let divisor = 2; divisor * divisor <= number; divisor++) if (number % divisor === 0) return false
  return true
}

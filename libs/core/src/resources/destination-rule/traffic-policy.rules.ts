import type { Report } from '../common/report.js'
import { earlierSame } from '../common/rules.js'
import { checkLoadBalancer } from './load-balancer.rules.js'
import type { PortTrafficPolicy, TrafficPolicy } from './schema.js'

type ConnectionPool = NonNullable<TrafficPolicy['connectionPool']>
type OutlierDetection = NonNullable<TrafficPolicy['outlierDetection']>
type ClientTls = NonNullable<TrafficPolicy['tls']>

const TLS_FILES = ['clientCertificate', 'privateKey', 'caCertificates'] as const

export function checkTrafficPolicy(policy: TrafficPolicy, report: Report): void {
  if (Object.keys(policy).length === 0) report.error('required', 'the policy is empty: set a field, or remove it')
  checkBlocks(policy, report)
  const { portLevelSettings = [] } = policy
  const same = earlierSame(portLevelSettings, ({ port }) => port.number)
  portLevelSettings.forEach((settings, index) => {
    const at = report.at('portLevelSettings', index)
    if (same[index] !== undefined) {
      at.at('port').warning(
        'duplicate',
        `port ${settings.port.number} has settings already: portLevelSettings[${same[index]}] counts`,
      )
    }
    checkBlocks(settings, at)
  })
  if (policy.tunnel) checkTunnel(policy.tunnel, report.at('tunnel'))
  if (policy.tunnel && policy.proxyProtocol) {
    report.error('oneof', 'tunnel and proxyProtocol exclude each other: keep one of them')
  }
  const { percent = 0 } = policy.retryBudget ?? {}
  if (percent < 0 || percent > 100) {
    report.at('retryBudget', 'percent').error('range', `found ${percent}, expected 0 to 100`)
  }
}

function checkBlocks(policy: TrafficPolicy | PortTrafficPolicy, report: Report): void {
  if (policy.loadBalancer) checkLoadBalancer(policy.loadBalancer, report.at('loadBalancer'))
  if (policy.connectionPool) checkConnectionPool(policy.connectionPool, report.at('connectionPool'))
  if (policy.outlierDetection) checkOutlierDetection(policy.outlierDetection, report.at('outlierDetection'))
  if (policy.tls) checkTls(policy.tls, report.at('tls'))
}

function checkConnectionPool({ tcp, http }: ConnectionPool, report: Report): void {
  if (!tcp && !http) report.error('required', 'the block is empty: expected tcp or http')
  if (http?.useClientProtocol && http.h2UpgradePolicy === 'UPGRADE') {
    report.at('http').error('oneof', 'useClientProtocol and h2UpgradePolicy UPGRADE exclude each other')
  }
  const limits = {
    tcp: ['maxConnections'],
    http: [
      'http1MaxPendingRequests',
      'http2MaxRequests',
      'maxRequestsPerConnection',
      'maxRetries',
      'maxConcurrentStreams',
    ],
  } as const
  for (const field of limits.tcp) checkNotNegative(tcp?.[field], report.at('tcp', field))
  for (const field of limits.http) checkNotNegative(http?.[field], report.at('http', field))
}

function checkNotNegative(value: number | undefined, report: Report): void {
  if (value !== undefined && value < 0) report.error('range', `found ${value}, expected 0 or more`)
}

function checkOutlierDetection(detection: OutlierDetection, report: Report): void {
  if (detection.consecutiveLocalOriginFailures && !detection.splitExternalLocalOriginErrors) {
    report
      .at('consecutiveLocalOriginFailures')
      .error('reference', 'it needs splitExternalLocalOriginErrors: true, or local failures are not counted apart')
  }
  for (const field of ['maxEjectionPercent', 'minHealthPercent'] as const) {
    const percent = detection[field] ?? 0
    if (percent < 0 || percent > 100) report.at(field).error('range', `found ${percent}, expected 0 to 100`)
  }
  detection.outlierDetectionHttpErrorCodes?.forEach((code, index) => {
    if (code >= 100 && code <= 599) return
    report.at('outlierDetectionHttpErrorCodes', index).error('range', `found ${code}, expected 100 to 599`)
  })
}

function checkTls(tls: ClientTls, report: Report): void {
  const { mode = 'DISABLE', credentialName } = tls
  if (credentialName && TLS_FILES.some((field) => tls[field])) {
    report.at('credentialName').error('oneof', 'credentialName and paths of files exclude each other: keep one of them')
  }
  if (tls.caCrl && credentialName) report.at('caCrl').error('oneof', 'caCrl and credentialName exclude each other')
  if (tls.insecureSkipVerify && (tls.subjectAltNames ?? []).length > 0) {
    report.at('insecureSkipVerify').error('oneof', 'without verification subjectAltNames say nothing: keep one of them')
  }
  if (mode === 'MUTUAL' && !credentialName) {
    for (const field of ['clientCertificate', 'privateKey'] as const) {
      if (!tls[field]) report.at(field).error('required', 'mode MUTUAL needs it, or credentialName')
    }
  }
  if (mode === 'ISTIO_MUTUAL') {
    for (const field of [...TLS_FILES, 'credentialName', 'sni', 'subjectAltNames', 'insecureSkipVerify'] as const) {
      const value = tls[field]
      if (Array.isArray(value) ? value.length > 0 : value) {
        report.at(field).error('tls', 'mode ISTIO_MUTUAL decides this itself: remove the field')
      }
    }
  }
}

function checkTunnel(tunnel: NonNullable<TrafficPolicy['tunnel']>, report: Report): void {
  if (tunnel.protocol && tunnel.protocol !== 'CONNECT' && tunnel.protocol !== 'POST') {
    report.at('protocol').error('enum', `found ${JSON.stringify(tunnel.protocol)}, expected CONNECT or POST`)
  }
}

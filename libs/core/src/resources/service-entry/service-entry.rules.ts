import { checkExportTo } from '../common/export-to.js'
import { checkLabels, isCidr, isDnsLabel, isHostName, isIp, isWildcardHost } from '../common/names.js'
import type { Report } from '../common/report.js'
import { earlierSame, type Rules } from '../common/rules.js'
import { checkSelector } from '../common/selector-rules.js'
import type { ServiceEntrySpec, WorkloadEntrySpec } from './schema.js'

type Spec = Partial<ServiceEntrySpec>

const UNIX = 'unix://'

export const serviceEntryRules: Rules<ServiceEntrySpec> = (spec, { namespace }, report) => {
  const { workloadSelector } = spec
  if (spec.hosts) checkHosts(spec, report.at('hosts'))
  checkAddresses(spec, report.at('addresses'))
  checkPorts(spec, report.at('ports'))
  if (spec.resolution === undefined) {
    report
      .at('resolution')
      .warning(
        'pending',
        'no resolution means NONE (original destination), which is not enforced by this version: set STATIC or DNS',
      )
  }
  if (workloadSelector && (spec.endpoints ?? []).length > 0) {
    report.error('oneof', 'endpoints and workloadSelector exclude each other: keep one of them')
  }
  if (workloadSelector && Object.keys(workloadSelector.labels ?? {}).length === 0) {
    report
      .at('workloadSelector')
      .warning('selector', 'a selector without labels selects every workload of the namespace')
  }
  checkSelector(workloadSelector?.labels, report.at('workloadSelector', 'labels'))
  checkEndpoints(spec, report)
  checkExportTo(spec.exportTo, namespace, report.at('exportTo'), { nobody: true })
}

function checkHosts(
  { hosts = [], resolution, ports = [], endpoints = [], workloadSelector }: Spec,
  report: Report,
): void {
  if (hosts.length === 0) report.error('required', 'expected at least one host')
  const needsName = resolution === 'DNS' || resolution === 'DNS_ROUND_ROBIN'
  const same = earlierSame(hosts, (host) => host)
  hosts.forEach((host, index) => {
    const at = report.at(index)
    if (host === '*' || !isWildcardHost(host)) {
      at.error('host', `${JSON.stringify(host)} is no host: expected a name without port, or "*.suffix"`)
    } else if (same[index] !== undefined) {
      at.error('duplicate', `${JSON.stringify(host)} is listed twice: keep one`)
    } else if (resolution === 'DYNAMIC_DNS' && !host.startsWith('*')) {
      at.error('resolution', `resolution DYNAMIC_DNS needs wildcard hosts, such as "*.${host}"`)
    } else if (needsName && host.startsWith('*') && endpoints.length === 0 && !workloadSelector) {
      at.error(
        'resolution',
        `resolution ${resolution} cannot resolve a wildcard host: list endpoints, or name the host`,
      )
    }
  })
  if (hosts.length > 1 && resolution !== undefined && resolution !== 'NONE') {
    if (ports.some(({ protocol }) => protocol === 'TCP')) {
      report.error('host', 'several hosts with a TCP port need resolution NONE: split the entry')
    }
  }
}

function checkAddresses({ addresses, resolution = 'NONE' }: Spec, report: Report): void {
  if (resolution === 'DYNAMIC_DNS' && (addresses ?? []).length > 0) {
    report.error('resolution', 'resolution DYNAMIC_DNS has no addresses: remove them')
  }
  addresses?.forEach((address, index) => {
    if (isIp(address)) return
    if (!isCidr(address)) {
      report
        .at(index)
        .error('address', `${JSON.stringify(address)} is no address: expected an IP address or a CIDR range`)
    } else if (resolution !== 'NONE' && resolution !== 'STATIC') {
      report.at(index).error('resolution', `CIDR ranges need resolution NONE or STATIC, found ${resolution}`)
    }
  })
}

function checkPorts({ ports = [], resolution }: Spec, report: Report): void {
  const numbers = earlierSame(ports, ({ number }) => number)
  const names = earlierSame(ports, ({ name }) => name)
  ports.forEach((port, index) => {
    const at = report.at(index)
    if (numbers[index] !== undefined)
      at.at('number').error('duplicate', `port ${port.number} is already ports[${numbers[index]}]`)
    if (names[index] !== undefined)
      at.at('name').error('duplicate', `the name ${port.name} is already ports[${names[index]}]`)
    if (!isDnsLabel(port.name)) {
      at.at('name').error('name', `${JSON.stringify(port.name)} is no DNS-1123 label: expected a name like "http"`)
    }
    if (port.protocol === undefined) {
      at.at('protocol').warning(
        'pending',
        'without a protocol Istio detects it, which is not enforced by this version: write HTTP',
      )
    }
    if (port.targetPort !== undefined && resolution === 'NONE') {
      at.at('targetPort').error('resolution', 'resolution NONE keeps the original port: remove targetPort')
    }
    if (resolution === 'DYNAMIC_DNS' && !['HTTP', 'HTTP2', 'GRPC', 'TLS', 'HTTPS'].includes(port.protocol ?? '')) {
      at.at('protocol').error('resolution', 'resolution DYNAMIC_DNS needs HTTP, HTTP2, GRPC, HTTPS or TLS')
    }
  })
}

function checkEndpoints({ endpoints = [], resolution = 'NONE', ports = [] }: Spec, report: Report): void {
  if (endpoints.length > 0 && (resolution === 'NONE' || resolution === 'DYNAMIC_DNS')) {
    report
      .at('endpoints')
      .error('resolution', `resolution ${resolution} has no endpoints: use STATIC or DNS, or remove them`)
  }
  if (endpoints.length > 1 && resolution === 'DNS_ROUND_ROBIN') {
    report
      .at('endpoints')
      .error('resolution', `found ${endpoints.length} endpoints, resolution DNS_ROUND_ROBIN has one`)
  }
  const names = new Set(ports.map(({ name }) => name))
  endpoints.forEach((endpoint, index) => checkEndpoint(endpoint, resolution, names, report.at('endpoints', index)))
}

function checkEndpoint(
  endpoint: WorkloadEntrySpec,
  resolution: NonNullable<ServiceEntrySpec['resolution']>,
  portNames: ReadonlySet<string>,
  report: Report,
): void {
  const { address = '', ports = {}, locality } = endpoint
  checkAddress(address, endpoint.network, resolution, report.at('address'))
  for (const name of Object.keys(ports)) {
    const at = report.at('ports', name)
    if (address.startsWith(UNIX)) at.error('address', 'a Unix socket has no ports: remove it')
    else if (!portNames.has(name)) at.error('reference', `spec.ports has no port named ${JSON.stringify(name)}`)
  }
  checkLabels(endpoint.labels, report.at('labels'))
  if (locality && (!/^[^/]+(\/[^/]+){0,2}$/.test(locality) || locality.includes('*'))) {
    report.at('locality').error('invalid', `${JSON.stringify(locality)} is no locality: expected region/zone/subzone`)
  }
}

function checkAddress(
  address: string,
  network: string | undefined,
  resolution: NonNullable<ServiceEntrySpec['resolution']>,
  report: Report,
): void {
  if (address === '') {
    if (!network) report.error('required', 'the address is required')
  } else if (address.startsWith(UNIX)) {
    const path = address.slice(UNIX.length)
    if (resolution !== 'STATIC') report.error('resolution', 'a Unix socket needs resolution STATIC')
    if (!path.startsWith('@') && (!path.startsWith('/') || path.endsWith('/'))) {
      report.error('address', `${JSON.stringify(address)} is no Unix socket: expected unix:///path or unix://@name`)
    }
  } else if (!isIp(address)) {
    if (resolution === 'STATIC') {
      report.error(
        'address',
        `found ${JSON.stringify(address)}, expected an IP address: a host name needs resolution DNS`,
      )
    } else if (!isHostName(address)) {
      report.error('address', `${JSON.stringify(address)} is no address: expected an IP address or a host name`)
    }
  }
}

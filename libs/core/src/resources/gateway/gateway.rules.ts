import { checkLabels, isDnsLabel, isIp, isWildcardHost } from '../common/names.js'
import type { Report } from '../common/report.js'
import { earlierSame, type Rules } from '../common/rules.js'
import type { GatewaySpec, Server, ServerTLSSettings } from './schema.js'

const UNIX = 'unix://'
const CERTIFICATES = ['credentialName', 'credentialNames', 'tlsCertificates', 'serverCertificate'] as const
const FILES = ['serverCertificate', 'privateKey', 'caCertificates'] as const

export const gatewayRules: Rules<GatewaySpec> = (spec, _context, report) => {
  const { servers = [] } = spec
  if (servers.length === 0) report.at('servers').error('required', 'expected at least one server')
  const portNames = earlierSame(servers, ({ port }) => port.name)
  const names = earlierSame(servers, (server) => server.name)
  servers.forEach((server, index) => {
    const at = report.at('servers', index)
    checkServer(server, at)
    if (portNames[index] !== undefined) {
      at.at('port', 'name').error(
        'duplicate',
        `the port name ${server.port.name} is already that of servers[${portNames[index]}]`,
      )
    }
    if (server.name && names[index] !== undefined) {
      at.at('name').error('duplicate', `the name ${server.name} is already that of servers[${names[index]}]`)
    }
  })
  checkLabels(spec.selector, report.at('selector'))
}

function checkServer(server: Server, report: Report): void {
  checkPort(server, report)
  if (server.hosts.length === 0) report.at('hosts').error('required', 'expected at least one host; "*" is any')
  server.hosts.forEach((host, index) => {
    const fault = hostFault(host)
    if (fault !== undefined) report.at('hosts', index).error('host', `found ${JSON.stringify(host)}, expected ${fault}`)
  })
  const { tls, port } = server
  const isTls = port.protocol === 'HTTPS' || port.protocol === 'TLS'
  if (isTls && tls === undefined) report.at('tls').error('required', `a server for ${port.protocol} needs tls settings`)
  if (!isTls && tls !== undefined) checkPlainText(port.protocol, tls, report.at('tls'))
  if (isTls && tls?.httpsRedirect) {
    report.at('tls', 'httpsRedirect').warning('no-effect', 'httpsRedirect has an effect on HTTP servers only')
  }
  if (isTls && tls !== undefined) checkTls(tls, report.at('tls'))
}

function checkPort({ port, bind = '' }: Server, report: Report): void {
  if (port.name === '') report.at('port', 'name').error('required', 'the name of the port is empty')
  if (bind.startsWith(UNIX)) {
    if (port.number !== 0) report.at('port', 'number').error('range', `found ${port.number}, a Unix socket has port 0`)
    if (!/^(@|\/.*[^/]$)/.test(bind.slice(UNIX.length))) {
      report
        .at('bind')
        .error('address', `${JSON.stringify(bind)} is no Unix socket: expected unix:///path or unix://@name`)
    }
    return
  }
  if (port.number < 1 || port.number > 65535) {
    report.at('port', 'number').error('range', `found ${port.number}, expected 1 to 65535`)
  }
  if (bind !== '' && !isIp(bind)) {
    report.at('bind').error('address', `${JSON.stringify(bind)} is no address: expected an IP address or unix:///path`)
  }
}

/** `[namespace/]host`; the namespace may be `.` or `*`. */
function hostFault(text: string): string | undefined {
  const [host = '', namespace, ...rest] = text.split('/').reverse()
  if (rest.length > 0) return 'host or namespace/host'
  if (namespace !== undefined && !['.', '*', '~'].includes(namespace) && !isDnsLabel(namespace)) {
    return 'a namespace, "." or "*" before the "/"'
  }
  if (host === '*' || isIp(host)) return undefined
  if (!isWildcardHost(host)) return 'a host name without port, or "*.suffix"'
  return host.includes('.') ? undefined : 'a full host name: short names do not work at a gateway'
}

function checkPlainText(protocol: string, tls: ServerTLSSettings, report: Report): void {
  if (!['HTTP', 'HTTP2', 'GRPC', 'GRPC-WEB'].includes(protocol)) {
    report.error('tls', `a server for ${protocol} has no tls settings: use HTTPS or TLS, or remove them`)
    return
  }
  const others = Object.entries(tls).filter(([name, value]) => name !== 'httpsRedirect' && !isDefault(name, value))
  for (const [name] of others) {
    report.at(name).error('tls', `a plain-text server has only httpsRedirect: use protocol HTTPS, or remove ${name}`)
  }
}

function isDefault(name: string, value: unknown): boolean {
  return (name === 'mode' && value === 'PASSTHROUGH') || value === '' || value === false
}

function checkTls(tls: ServerTLSSettings, report: Report): void {
  const { mode = 'PASSTHROUGH' } = tls
  if (mode === 'ISTIO_MUTUAL') {
    for (const field of [...FILES, 'credentialName'] as const) {
      if (tls[field]) report.at(field).error('tls', `mode ISTIO_MUTUAL has its own certificates: remove ${field}`)
    }
    return
  }
  if (mode === 'PASSTHROUGH' || mode === 'AUTO_PASSTHROUGH') return
  const sources = CERTIFICATES.filter((field) => (tls[field]?.length ?? 0) > 0)
  if (sources.length > 1) report.error('oneof', `${sources.join(' and ')} exclude each other: keep one of them`)
  if (sources.length === 0) report.at('serverCertificate').error('required', `mode ${mode} needs a certificate`)
  if (tls.serverCertificate && !tls.privateKey)
    report.at('privateKey').error('required', `mode ${mode} needs a private key`)
  const byName = tls.credentialName || (tls.credentialNames ?? []).length > 0 || tls.caCertCredentialName
  if (mode !== 'SIMPLE' && !byName && !tls.caCertificates) {
    report.at('caCertificates').error('required', `mode ${mode} needs the CA certificates that verify clients`)
  }
  if (tls.caCrl && (mode === 'SIMPLE' || tls.credentialName)) {
    report.at('caCrl').error('tls', 'caCrl is for client certificates from files: not with SIMPLE or credentialName')
  }
}

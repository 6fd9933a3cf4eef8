import { isIP } from 'node:net'
import type { JoinGrant } from '../access/join-grant.js'
import type { InboundBind, Registration } from './agent-record.js'

/** Why an agent may not join: `invalid` what it says is no registration, `denied` its token does not allow it. */
export class RegistrationRefused extends Error {
  constructor(
    readonly reason: 'invalid' | 'denied' | 'superseded',
    message: string,
  ) {
    super(message)
    this.name = 'RegistrationRefused'
  }
}

/** Bounds on what one agent can make the controller remember. */
const LABELS_MAX = 64
const INBOUND_MAX = 256
const LOCALITY_MAX = 256

const dnsLabel = /^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/
const labelName = /^[A-Za-z0-9]([-A-Za-z0-9_.]{0,61}[A-Za-z0-9])?$/

/** Throws RegistrationRefused with the first thing that is wrong, by its field. */
export function checkRegistration(registration: Registration, grant: JoinGrant): void {
  checkNames(registration)
  checkLabels(registration.labels)
  checkPlace(registration)
  checkInbound(registration)
  checkGrant(registration, grant)
}

function checkNames({ namespace, name, role, agentVersion, instanceEpoch }: Registration): void {
  if (!isSubdomain(name)) invalid('name', `${quote(name)} is no DNS-1123 subdomain`)
  if (!dnsLabel.test(namespace)) invalid('namespace', `${quote(namespace)} is no DNS-1123 label`)
  if (role !== 'sidecar' && role !== 'gateway') invalid('role', `${quote(role)} is neither sidecar nor gateway`)
  if (!/^[ -~]{0,64}$/.test(agentVersion)) invalid('agent_version', 'is no line of at most 64 ASCII characters')
  if (!Number.isSafeInteger(instanceEpoch) || instanceEpoch < 0) invalid('instance_epoch', 'is out of range')
}

function checkLabels(labels: Readonly<Record<string, string>>): void {
  const entries = Object.entries(labels)
  if (entries.length > LABELS_MAX) invalid('labels', `more than ${LABELS_MAX}`)
  for (const [key, value] of entries) {
    const slash = key.indexOf('/')
    const isKey = labelName.test(key.slice(slash + 1)) && (slash < 0 || isSubdomain(key.slice(0, slash)))
    if (!isKey) invalid('labels', `${quote(key)} is no label key`)
    if (value !== '' && !labelName.test(value)) invalid(`labels[${quote(key)}]`, `${quote(value)} is no label value`)
  }
}

function checkPlace({ address, inbound, locality }: Registration): void {
  if (address === '' && inbound.length > 0) invalid('address', 'is missing: others cannot reach the inbound ports')
  if (address !== '' && !isReachable(address)) {
    invalid('address', `${quote(address)} is no address that another host can connect to`)
  }
  if (locality.length > LOCALITY_MAX || !/^[!-.0-~]*(\/[!-.0-~]+){0,2}$/.test(locality)) {
    invalid('locality', `${quote(locality)} is not region/zone/subzone`)
  }
}

function checkInbound({ inbound }: Registration): void {
  if (inbound.length > INBOUND_MAX) invalid('inbound', `more than ${INBOUND_MAX}`)
  const binds = new Set<string>()
  const applicationPorts = new Set<number>()
  inbound.forEach(({ bindAddress, bindPort, applicationPort, applicationAddress }: InboundBind, index) => {
    const path = `inbound[${index}]`
    if (isIP(bindAddress) === 0) invalid(`${path}.bind_address`, `${quote(bindAddress)} is no IP address`)
    if (!isPort(bindPort)) invalid(`${path}.bind_port`, `${bindPort} is not within 1..65535`)
    if (!isPort(applicationPort)) invalid(`${path}.application_port`, `${applicationPort} is not within 1..65535`)
    if (isIP(applicationAddress) === 0) {
      invalid(`${path}.application_address`, `${quote(applicationAddress)} is no IP address`)
    }
    const bind = `${bindAddress}|${bindPort}`
    if (binds.has(bind)) invalid(path, `binds ${bindAddress} port ${bindPort} twice`)
    if (applicationPorts.has(applicationPort)) invalid(path, `application port ${applicationPort} is there twice`)
    binds.add(bind)
    applicationPorts.add(applicationPort)
  })
}

function checkGrant({ namespace, labels }: Registration, grant: JoinGrant): void {
  if (namespace !== grant.namespace) {
    denied(
      `join token ${quote(grant.tokenName)} admits to namespace ${quote(grant.namespace)}, not ${quote(namespace)}`,
    )
  }
  for (const [key, value] of Object.entries(grant.labels ?? {})) {
    if (!Object.hasOwn(labels, key) || labels[key] !== value) {
      denied(`join token ${quote(grant.tokenName)} requires the label ${key}=${value}`)
    }
  }
}

function isSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => dnsLabel.test(label))
}

function isPort(port: number): boolean {
  return Number.isInteger(port) && port >= 1 && port <= 65535
}

/** Unicast, and not the unspecified address. Loopback is allowed: a whole mesh may live on one host. */
function isReachable(address: string): boolean {
  const family = isIP(address)
  if (family === 4) {
    const first = Number(address.slice(0, address.indexOf('.')))
    return first > 0 && first < 224
  }
  // A zone id (`%eth0`) means something on one host only.
  return family === 6 && !/^[0:]+$/.test(address) && !/^ff/i.test(address) && !address.includes('%')
}

function quote(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}...` : text)
}

function invalid(path: string, problem: string): never {
  throw new RegistrationRefused('invalid', `${path}: ${problem}`)
}

function denied(problem: string): never {
  throw new RegistrationRefused('denied', problem)
}

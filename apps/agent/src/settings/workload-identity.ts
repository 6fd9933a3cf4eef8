import { isIP } from 'node:net'
import { UsageError } from './usage-error.js'

/**
 * A name that may be a Kubernetes object's: RFC 1123 subdomain, 253 characters. It also names a folder of ours, so
 * nothing else may pass.
 */
export function checkName(flag: string, name: string): string {
  if (name.length > 253 || !/^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/.test(name)) {
    throw new UsageError(`${flag}: '${name}' is no DNS-1123 subdomain (lower-case letters, digits, '-' and '.')`)
  }
  return name
}

/** RFC 1123 label: no dots, 63 characters. */
export function checkNamespace(flag: string, namespace: string): string {
  if (!/^[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?$/.test(namespace)) {
    throw new UsageError(`${flag}: '${namespace}' is no DNS-1123 label (lower-case letters, digits and '-', up to 63)`)
  }
  return namespace
}

/** `a=b,c=d` with Kubernetes' label syntax. */
export function parseLabels(flag: string, text: string): Readonly<Record<string, string>> {
  const labels = new Map<string, string>()
  for (const pair of text === '' ? [] : text.split(',')) {
    const equals = pair.indexOf('=')
    const key = pair.slice(0, equals)
    const value = pair.slice(equals + 1)
    if (equals < 1) throw new UsageError(`${flag}: '${pair}' is no label; expected key=value`)
    if (!isLabelKey(key)) throw new UsageError(`${flag}: '${key}' is no label key`)
    if (!/^([A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?)?$/.test(value)) {
      throw new UsageError(
        `${flag}: '${value}' is no value for label '${key}' (letters, digits, '-', '_', '.', up to 63)`,
      )
    }
    if (labels.has(key)) throw new UsageError(`${flag}: label '${key}' is given twice`)
    labels.set(key, value)
  }
  return Object.freeze(Object.fromEntries(labels))
}

/** `region/zone/subzone`, possibly shorter or empty. */
export function checkLocality(flag: string, locality: string): string {
  if (!/^([^/\s]+(\/[^/\s]+){0,2})?$/.test(locality)) {
    throw new UsageError(`${flag}: '${locality}' is no locality; expected region/zone/subzone or less`)
  }
  return locality
}

/** An address that others can dial: no wildcard. */
export function checkAddress(flag: string, address: string): string {
  if (isIP(address) === 0) throw new UsageError(`${flag}: '${address}' is no IP address`)
  if (address === '0.0.0.0' || address === '::') {
    throw new UsageError(`${flag}: ${address} is no address that other agents can reach`)
  }
  return address
}

function isLabelKey(key: string): boolean {
  const slash = key.lastIndexOf('/')
  const prefixOk = slash < 0 || /^[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?$/.test(key.slice(0, slash))
  // `__proto__` starts with no letter or digit, so it is refused here as in Kubernetes.
  return prefixOk && /^[A-Za-z0-9]([-\w.]{0,61}[A-Za-z0-9])?$/.test(key.slice(slash + 1))
}

import type { Report } from './report.js'

const LABEL = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/
const QUALIFIED = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/
const HOST_LABEL = /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?$/
const IPV4 = /^(?:(?:25[0-5]|2[0-4]\d|1?\d?\d)(?:\.(?!$)|$)){4}$/

/** Lower-case letters, digits and `-`, at most 63 characters: namespaces, subsets, port names. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && LABEL.test(text)
}

/** DNS labels joined by dots, at most 253 characters: the names of resources. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && text.split('.').every((label) => LABEL.test(label))
}

/** A host name in any case, at most 255 characters, whose last label is not a number. */
export function isHostName(text: string): boolean {
  const labels = text.split('.')
  const last = labels[labels.length - 1] ?? ''
  return (
    text.length <= 255 && labels.every((label) => label.length <= 63 && HOST_LABEL.test(label)) && !/^\d+$/.test(last)
  )
}

/** A host name, `*`, or one whose first label is `*` or begins with `*-`. */
export function isWildcardHost(text: string): boolean {
  if (text === '*') return true
  return isHostName(text.replace(/^\*(?:\.|-)/, ''))
}

export function isIpv4(text: string): boolean {
  return IPV4.test(text)
}

export function isIpv6(text: string): boolean {
  if (!/^[0-9A-Fa-f:.]+$/.test(text) || !text.includes(':')) return false
  const halves = text.split('::')
  if (halves.length > 2) return false
  const groups = halves.flatMap((half) => (half === '' ? [] : half.split(':')))
  const tail = groups[groups.length - 1] ?? ''
  const count = groups.length + (tail.includes('.') ? 1 : 0)
  const fit = groups.every(
    (group, index) => /^[0-9A-Fa-f]{1,4}$/.test(group) || (index === groups.length - 1 && isIpv4(group)),
  )
  return fit && (halves.length === 2 ? count < 8 : count === 8)
}

export function isIp(text: string): boolean {
  return isIpv4(text) || isIpv6(text)
}

/** An address with the length of its prefix: `10.0.0.0/8`. */
export function isCidr(text: string): boolean {
  const [address = '', bits = '', ...rest] = text.split('/')
  if (rest.length > 0 || !/^\d{1,3}$/.test(bits)) return false
  return (isIpv4(address) && Number(bits) <= 32) || (isIpv6(address) && Number(bits) <= 128)
}

/** `name` or `prefix/name`, as Kubernetes has it for labels and annotations. */
export function isQualifiedName(text: string): boolean {
  const [name = '', prefix, ...rest] = text.split('/').reverse()
  return (
    rest.length === 0 && (prefix === undefined || isDnsSubdomain(prefix)) && name.length <= 63 && QUALIFIED.test(name)
  )
}

export function isLabelValue(text: string): boolean {
  return text === '' || (text.length <= 63 && QUALIFIED.test(text))
}

/** Labels, or labels that select: keys and values as Kubernetes has them. */
export function checkLabels(labels: Readonly<Record<string, string>> | undefined, report: Report): void {
  for (const [key, value] of Object.entries(labels ?? {})) {
    if (!isQualifiedName(key)) {
      report
        .at(key)
        .error(
          'label',
          `${JSON.stringify(key)} is no label key: expected [prefix/]name of letters, digits, "-", "_", "."`,
        )
    } else if (!isLabelValue(value)) {
      report
        .at(key)
        .error(
          'label',
          `${JSON.stringify(value)} is no label value: expected at most 63 letters, digits, "-", "_", "."`,
        )
    }
  }
}

import { Problem } from '../problem/problem.js'

type Labels = Readonly<Record<string, string>>

/** Kubernetes' label selector, compiled: `app=reviews,version!=v1,tier in (a,b),!legacy,owner`. */
export interface LabelSelector {
  matches(labels: Labels | undefined): boolean
}

/** @throws Problem bad-request that shows the requirement that cannot be read */
export function parseLabelSelector(text: string): LabelSelector {
  const requirements = split(text).map(parseRequirement)
  return { matches: (labels = {}) => requirements.every((holds) => holds(labels)) }
}

type Requirement = (labels: Labels) => boolean

const key = String.raw`(?:[A-Za-z0-9][-A-Za-z0-9.]*/)?[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?`
const value = String.raw`(?:[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?)?`
const equality = new RegExp(String.raw`^(${key})\s*(==?|!=)\s*(${value})$`)
const membership = new RegExp(String.raw`^(${key})\s+(in|notin)\s*\(([^()]*)\)$`)
const existence = new RegExp(`^(!?)\\s*(${key})$`)

function parseRequirement(text: string): Requirement {
  const equal = equality.exec(text)
  if (equal) return inSet(equal[1]!, [equal[3]!], equal[2] === '!=')
  const member = membership.exec(text)
  if (member) {
    const values = member[3]!.split(',').map((item) => item.trim())
    if (values.every((item) => new RegExp(`^${value}$`).test(item)))
      return inSet(member[1]!, values, member[2] === 'notin')
  }
  const exists = existence.exec(text)
  if (exists) return (labels) => Object.hasOwn(labels, exists[2]!) === (exists[1] === '')
  throw new Problem('bad-request', `The label selector cannot be read at "${text}".`, {
    errors: [
      { path: 'labelSelector', message: 'expected key=value, key!=value, key in (a,b), key or !key', code: 'selector' },
    ],
  })
}

/** As in Kubernetes a label that is not there satisfies `!=` and `notin`. */
function inSet(name: string, values: readonly string[], negated: boolean): Requirement {
  const set = new Set(values)
  return (labels) => (Object.hasOwn(labels, name) && set.has(labels[name]!)) !== negated
}

/** At commas that are not in parentheses. */
function split(text: string): string[] {
  return text.split(/,(?![^(]*\))/).map((part) => part.trim())
}

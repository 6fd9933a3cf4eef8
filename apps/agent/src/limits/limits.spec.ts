import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { createListenerStats } from '../listen/listener-stats.js'
import { createHttpStats } from '../proxy/http-stats.js'
import { createClusterStats } from '../upstream/cluster-stats.js'
import { DEFAULT_LIMITS, definitionOf, LIMIT_NAMES, type LimitName } from './limits.js'

const SCOPES = {
  listener: createListenerStats('x').schema,
  cluster: createClusterStats('x').schema,
  http: createHttpStats('x').schema,
}
const document = readFileSync(new URL('../../../../docs/limits.md', import.meta.url), 'utf8')

/** The line of a limit in docs/limits.md. */
function lineOf(name: LimitName): string {
  const { byDefault, meaning, ...scopes } = definitionOf(name)
  const counters = Object.entries(scopes).flatMap(([scope, stat]) => (scope === 'min' ? [] : `${scope} \`${stat}\``))
  return `| \`${name}\` | ${defaultText(name, byDefault)} | ${meaning} | ${counters.join(', ')} |`
}

function defaultText(name: LimitName, value: number): string {
  if (name.endsWith('Bytes') && value >= 1024) return `${value} (${value / 1024} KiB)`
  if (name.endsWith('Ms') && value >= 3_600_000) return `${value} (${value / 3_600_000} h)`
  if (name.endsWith('Ms') && value >= 60_000) return `${value} (${value / 60_000} min)`
  if (name.endsWith('Ms') && value >= 1_000) return `${value} (${value / 1_000} s)`
  return `${value}`
}

describe('the list of limits', () => {
  it.each(LIMIT_NAMES)('says of %s its unit, a default that can be given, and a counter that there is', (name) => {
    const { byDefault, min, meaning, ...scopes } = definitionOf(name)
    expect(name).toMatch(/(Bytes|Ms|Max)$/)
    expect(byDefault).toBeGreaterThanOrEqual(min)
    expect(DEFAULT_LIMITS[name]).toBe(byDefault)
    expect(meaning).toMatch(/\.$/)
    const counters = Object.entries(scopes) as (readonly [keyof typeof SCOPES, string])[]
    expect(counters).not.toEqual([])
    for (const [scope, stat] of counters) {
      expect(SCOPES[scope].stats).toContainEqual(expect.objectContaining({ name: stat, type: 'counter' }))
    }
  })

  it.each(LIMIT_NAMES)('has its line for %s in docs/limits.md', (name) => {
    expect(document.split('\n').filter((line) => line.startsWith(`| \`${name}\` `))).toEqual([lineOf(name)])
  })

  it('is all that docs/limits.md lists', () => {
    const listed = [...document.matchAll(/^\| `(\w+)` \|/gm)].map((match) => match[1])
    expect([...listed].sort()).toEqual([...LIMIT_NAMES].sort())
  })
})

import { readFileSync } from 'node:fs'
import { describe, expect, it } from '@jest/globals'
import { compatibilityTable } from './compatibility-table.js'

describe('compatibilityTable', () => {
  const rows = compatibilityTable().split('\n')
  const row = (path: string): string | undefined => rows.find((line) => line.startsWith(`| \`${path}\` `))

  const states: readonly (readonly [path: string, state: string])[] = [
    ['spec.http[].route[].weight', '**enforced**'],
    ['spec.http[].fault', '**pending**'],
    ['spec.http[].fault.delay.exponentialDelay', '**refused** (Istio does not support it)'],
    ['spec.trafficPolicy.tls.mode', '`ISTIO_MUTUAL`: **pending**'],
    ['spec.subsets[].trafficPolicy.connectionPool', '**pending**'],
    ['spec.trafficPolicy.connectionPool.tcp.connectTimeout', '**enforced**'],
    ['spec.location', '`MESH_INTERNAL`: **no effect**'],
    ['spec.servers[].port.protocol', '`HTTPS`: **pending**'],
  ]
  it.each(states)('gives the state of %s', (path, state) => {
    expect(row(path)).toContain(state)
  })

  it('lists every field once', () => {
    const section = new Set<string>()
    for (const line of rows) {
      if (line.startsWith('## ')) section.clear()
      if (!line.startsWith('| `')) continue
      const [, path = ''] = line.split('`')
      expect(section).not.toContain(path)
      section.add(path)
    }
    expect(rows.filter((line) => line.startsWith('| `')).length).toBeGreaterThan(250)
  })

  it('is what docs/istio-compatibility.md says', () => {
    const file = new URL('../../../../docs/istio-compatibility.md', import.meta.url)
    expect(readFileSync(file, 'utf8')).toBe(compatibilityTable())
  })
})

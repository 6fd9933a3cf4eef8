import { describe, expect, it } from '@jest/globals'
import { renderPrometheus, renderStats } from './render-stats.js'
import { StatBlock, type StatSchema } from './stat-block.js'
import { StatRegistry } from './stat-registry.js'

const SCHEMA: StatSchema = {
  scope: 'cluster',
  label: 'cluster',
  histogram: 'rq_time',
  stats: [
    { name: 'rq_total', type: 'counter', help: 'Requests' },
    { name: 'rq_active', type: 'gauge', help: 'Requests under way' },
  ],
}

function createRegistry(...names: string[]): { registry: StatRegistry; blocks: StatBlock[] } {
  const registry = new StatRegistry()
  const blocks = names.map((name) => new StatBlock(SCHEMA, name))
  blocks.forEach((block) => registry.add(block))
  return { registry, blocks }
}

describe('renderStats', () => {
  it('writes a line a number, sorted, as Envoy does', () => {
    const { registry, blocks } = createRegistry('b', 'a')
    blocks[0]!.add(0, 3)
    blocks[1]!.latency!.record(1500)
    expect(renderStats(registry).split('\n')).toEqual([
      'cluster.a.rq_active: 0',
      'cluster.a.rq_time: P50(1.535) P99(1.535) count(1)',
      'cluster.a.rq_total: 0',
      'cluster.b.rq_active: 0',
      'cluster.b.rq_time: P50(0) P99(0) count(0)',
      'cluster.b.rq_total: 3',
      '',
    ])
  })

  it('leaves out what was removed', () => {
    const { registry, blocks } = createRegistry('a')
    registry.remove(blocks[0]!)
    expect(renderStats(registry)).toBe('\n')
  })
})

describe('renderPrometheus', () => {
  it('makes one family a stat, with the names as labels', () => {
    const { registry, blocks } = createRegistry('a', 'odd"\\\n')
    blocks[0]!.add(0, 3)
    const text = renderPrometheus(registry)
    expect(text.match(/# TYPE fairlead_cluster_rq_total counter/g)).toHaveLength(1)
    expect(text).toContain('fairlead_cluster_rq_total{cluster="a"} 3\n')
    expect(text).toContain('fairlead_cluster_rq_total{cluster="odd\\"\\\\\\n"} 0\n')
  })

  it('makes cumulative buckets', () => {
    const { registry, blocks } = createRegistry('a')
    ;[10, 100, 1000, 1000].forEach((us) => blocks[0]!.latency!.record(us))
    const text = renderPrometheus(registry)
    expect(text).toContain('fairlead_cluster_rq_time_milliseconds_bucket{cluster="a",le="0.064"} 1\n')
    expect(text).toContain('fairlead_cluster_rq_time_milliseconds_bucket{cluster="a",le="0.128"} 2\n')
    expect(text).toContain('fairlead_cluster_rq_time_milliseconds_bucket{cluster="a",le="1.024"} 4\n')
    expect(text).toContain('fairlead_cluster_rq_time_milliseconds_bucket{cluster="a",le="+Inf"} 4\n')
    expect(text).toContain('fairlead_cluster_rq_time_milliseconds_sum{cluster="a"} 2.11\n')
  })
})

import { type StatBlock, type StatSchema } from './stat-block.js'
import { type StatRegistry } from './stat-registry.js'

/** Bounds of Prometheus buckets as powers of two of microseconds: 64 us to 67 s. */
const FIRST_OCTAVE = 6
const LAST_OCTAVE = 26

/** The text of `/stats`, as Envoy writes it: `cluster.<name>.upstream_rq_total: 12`, sorted. */
export function renderStats(registry: StatRegistry): string {
  const lines: string[] = []
  for (const block of registry.list()) {
    const prefix = `${block.schema.scope}.${block.name}`
    block.schema.stats.forEach((stat, id) => lines.push(`${prefix}.${stat.name}: ${block.values[id]}`))
    if (block.latency !== null) {
      const [p50, p99] = [block.latency.quantileUs(0.5) / 1000, block.latency.quantileUs(0.99) / 1000]
      lines.push(`${prefix}.${block.schema.histogram}: P50(${p50}) P99(${p99}) count(${block.latency.count})`)
    }
  }
  return lines.sort().join('\n') + '\n'
}

/** Prometheus text format 0.0.4. Blocks of one schema become one metric family a stat. */
export function renderPrometheus(registry: StatRegistry): string {
  const families = new Map<StatSchema, StatBlock[]>()
  for (const block of registry.list()) {
    const blocks = families.get(block.schema)
    if (blocks === undefined) families.set(block.schema, [block])
    else blocks.push(block)
  }
  const lines: string[] = []
  for (const [schema, blocks] of families) {
    schema.stats.forEach((stat, id) => {
      const metric = `fairlead_${schema.scope}_${stat.name}`
      lines.push(`# HELP ${metric} ${stat.help}`, `# TYPE ${metric} ${stat.type}`)
      for (const block of blocks) lines.push(`${metric}{${labelOf(block)}} ${block.values[id]}`)
    })
    if (schema.histogram !== null) pushHistogram(lines, `fairlead_${schema.scope}_${schema.histogram}`, blocks)
  }
  return lines.join('\n') + '\n'
}

function pushHistogram(lines: string[], name: string, blocks: readonly StatBlock[]): void {
  const metric = `${name}_milliseconds`
  lines.push(`# HELP ${metric} Duration in milliseconds`, `# TYPE ${metric} histogram`)
  for (const block of blocks) {
    const latency = block.latency!
    const label = labelOf(block)
    for (let octave = FIRST_OCTAVE; octave <= LAST_OCTAVE; octave++) {
      const bound = 2 ** octave / 1000
      lines.push(`${metric}_bucket{${label},le="${bound}"} ${latency.countBelowPowerOfTwo(octave)}`)
    }
    lines.push(`${metric}_bucket{${label},le="+Inf"} ${latency.count}`)
    lines.push(`${metric}_sum{${label}} ${latency.sumUs / 1000}`, `${metric}_count{${label}} ${latency.count}`)
  }
}

function labelOf(block: StatBlock): string {
  const value = block.name.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
  return `${block.schema.label}="${value}"`
}

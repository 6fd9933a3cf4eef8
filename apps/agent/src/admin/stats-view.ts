import { RE2JS } from 're2js'
import { renderPrometheus, renderStats } from '../telemetry/render-stats.js'
import type { StatRegistry } from '../telemetry/stat-registry.js'
import { json, prometheus, text, type Reply } from './endpoint.js'

/** `GET /stats?format=text|json|prometheus&filter=REGEX`, as Envoy's: the filter is RE2 and finds a part of the name. */
export function statsReply(stats: StatRegistry, query: URLSearchParams): Reply {
  const filter = query.get('filter')
  const regex = filter === null ? null : compile(filter)
  if (regex === 'invalid') return text(`filter: '${filter}' is no RE2 regex`, 400)
  const matches = (name: string) => regex === null || regex.matcher(name).find()
  switch (query.get('format') ?? 'text') {
    case 'text':
      return text(keepLines(renderStats(stats), (line) => matches(line.slice(0, line.lastIndexOf(': ')))))
    case 'json':
      return json({ stats: listStats(stats).filter(({ name }) => matches(name)) })
    case 'prometheus':
      return prometheus(keepLines(renderPrometheus(stats), (line) => matches(metricOf(line))))
    default:
      return text('format: expected text, json or prometheus', 400)
  }
}

function compile(filter: string): RE2JS | 'invalid' {
  try {
    return RE2JS.compile(filter)
  } catch {
    return 'invalid'
  }
}

function keepLines(lines: string, test: (line: string) => boolean): string {
  return lines
    .split('\n')
    .filter((line) => line === '' || test(line))
    .join('\n')
}

/** `# TYPE name counter` and `name{label="value"} 1` are both about `name`. */
function metricOf(line: string): string {
  return line.startsWith('# ') ? line.split(' ', 3)[2]! : line.slice(0, line.lastIndexOf(' '))
}

function listStats(stats: StatRegistry): { name: string; value: number }[] {
  return stats.list().flatMap((block) =>
    block.schema.stats.map((stat, id) => ({
      name: `${block.schema.scope}.${block.name}.${stat.name}`,
      value: block.values[id]!,
    })),
  )
}

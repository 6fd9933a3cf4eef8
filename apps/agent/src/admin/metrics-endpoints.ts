import { renderPrometheus } from '../telemetry/render-stats.js'
import type { StatRegistry } from '../telemetry/stat-registry.js'
import { prometheus, type Endpoint } from './endpoint.js'

/** For scrapers; may be bound to the host's address. `/stats/prometheus` is where Istio's scrape configs look. */
export function metricsEndpoints(stats: StatRegistry): readonly Endpoint[] {
  return ['/metrics', '/stats/prometheus'].map((path) => ({
    method: 'GET',
    path,
    help: 'all numbers in the Prometheus text format',
    handle: () => prometheus(renderPrometheus(stats)),
  }))
}

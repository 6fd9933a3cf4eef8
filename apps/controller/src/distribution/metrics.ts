import { Counter, Gauge, Histogram } from 'prom-client'

/** In prom-client's default registry, which `/metrics` serves. */
export const connectedAgents = new Gauge({
  name: 'fairlead_controller_connected_agents',
  help: 'Agents with an admitted stream',
})

/** Istio's name, so that its dashboards read it. */
export const convergenceTime = new Histogram({
  name: 'pilot_proxy_convergence_time',
  help: 'Seconds from a change to the acknowledgement of an agent that it concerns',
  buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 3, 5, 10, 30],
})

export const nacks = new Counter({
  name: 'fairlead_controller_nacks_total',
  help: 'Snapshots that agents refused',
})

export const compileTime = new Histogram({
  name: 'fairlead_controller_compile_duration_seconds',
  help: 'Seconds to make one snapshot for one agent',
  buckets: [0.0001, 0.0005, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1],
})

import type { SnapshotVersion } from '@fairlead/core/snapshot'
import { StatBlock, type StatSchema } from '../telemetry/stat-block.js'

export const CONNECTED = 0
export const CONNECTS_TOTAL = 1
export const CONFIG_APPLIED_TOTAL = 2
export const CONFIG_NACKS_TOTAL = 3
export const CONFIG_RESYNCS_TOTAL = 4
export const CONFIG_UNKEPT = 5
export const DRAINING = 6
const CONFIG_REVISION = 7
const CONFIG_OVERLAY = 8
const CONFIG_ENDPOINTS = 9

const schema: StatSchema = {
  scope: 'agent',
  label: 'agent',
  histogram: null,
  stats: [
    { name: 'connected', type: 'gauge', help: '1 while the controller has admitted this agent' },
    { name: 'connects_total', type: 'counter', help: 'Streams that the controller admitted' },
    { name: 'config_applied_total', type: 'counter', help: 'Snapshots that were applied and acknowledged' },
    { name: 'config_nacks_total', type: 'counter', help: 'Updates that were refused' },
    { name: 'config_resyncs_total', type: 'counter', help: 'Streams given up to ask for the whole config' },
    { name: 'config_unkept', type: 'gauge', help: '1 while the running config could not be written to disk' },
    { name: 'draining', type: 'gauge', help: '1 while the endpoint of this workload is withdrawn' },
    { name: 'config_revision', type: 'gauge', help: 'Revision of the running config' },
    { name: 'config_overlay', type: 'gauge', help: 'Overlay of the running config' },
    { name: 'config_endpoints', type: 'gauge', help: 'Endpoints version of the running config' },
  ],
}

/** What the control session counts; `agent` is `namespace/name`. */
export class ControlStats extends StatBlock {
  constructor(agent: string) {
    super(schema, agent)
  }

  set(stat: number, value: boolean): void {
    this.values[stat] = value ? 1 : 0
  }

  setVersion({ revision, overlay, endpoints }: SnapshotVersion): void {
    this.values[CONFIG_REVISION] = revision
    this.values[CONFIG_OVERLAY] = overlay
    this.values[CONFIG_ENDPOINTS] = endpoints
  }
}

import type { Agent } from '@fairlead/api-client'
import { endpointState } from './agent-record.js'
import type { AgentState } from './registry.js'

/** An agent as REST shows it. */
export function agentView({ record, connected, status }: AgentState): Agent {
  return {
    apiVersion: 'fairlead.io/v1',
    kind: 'Agent',
    metadata: {
      name: record.name,
      namespace: record.namespace,
      labels: { ...record.labels },
      creationTimestamp: record.registeredAt.toISOString(),
    },
    spec: {
      role: record.role,
      address: record.address,
      locality: record.locality,
      inbound: record.inbound.map(({ bindAddress, bindPort, applicationPort }) => ({
        bindAddress,
        bindPort,
        applicationPort,
      })),
    },
    status: {
      connected,
      sync: connected && status !== null ? status.sync : 'DISCONNECTED',
      version: status?.version ?? null,
      target: status?.target ?? null,
      nack: status?.nack ? { ...status.nack, at: status.nack.at.toISOString() } : null,
      draining: record.drain !== 'none',
      endpoint: endpointState(record),
      agentVersion: record.agentVersion,
      lastSeen: record.lastSeen.toISOString(),
    },
  }
}

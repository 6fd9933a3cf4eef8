import type { Agent, AgentList } from '@fairlead/api-client'
import { Injectable } from '@nestjs/common'
import { Problem } from '../problem/problem.js'
import { type AgentKey, agentKey } from './agent-record.js'
import { agentView } from './agent-view.js'
import { type AgentState, Registry } from './registry.js'

/** What an operator may ask of the registry. */
@Injectable()
export class AgentsService {
  constructor(private readonly registry: Registry) {}

  /** By namespace and name; all namespaces without one. */
  list(namespace?: string): AgentList {
    const agents = this.registry
      .list()
      .filter(({ record }) => namespace === undefined || record.namespace === namespace)
      .map(agentView)
    return {
      apiVersion: 'fairlead.io/v1',
      kind: 'AgentList',
      metadata: {},
      items: agents.sort(
        (a, b) => compare(a.metadata.namespace, b.metadata.namespace) || compare(a.metadata.name, b.metadata.name),
      ),
    }
  }

  get(namespace: string, name: string): Agent {
    return agentView(this.#state(agentKey(namespace, name)))
  }

  async drain(namespace: string, name: string): Promise<Agent> {
    const key = agentKey(namespace, name)
    this.#state(key)
    await written(this.registry.drain(key, 'operator'))
    return this.get(namespace, name)
  }

  async undrain(namespace: string, name: string): Promise<Agent> {
    const key = agentKey(namespace, name)
    this.#state(key)
    await written(this.registry.undrain(key))
    return this.get(namespace, name)
  }

  async forget(namespace: string, name: string): Promise<Agent> {
    const key = agentKey(namespace, name)
    const state = this.#state(key)
    if (state.connected) throw new Problem('conflict', `agent ${key} is connected; stop it first`)
    await written(this.registry.forget(key))
    return agentView(state)
  }

  #state(key: AgentKey): AgentState {
    const state = this.registry.get(key)
    if (state === null) throw new Problem('not-found', `there is no agent ${key}`)
    return state
  }
}

/** The mesh follows at once, but what is not durable is not acknowledged. */
async function written(change: Promise<void>): Promise<void> {
  try {
    await change
  } catch (cause) {
    throw new Problem('unavailable', 'the change is in effect but could not be written yet', {
      headers: { 'Retry-After': '1' },
      cause,
    })
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}

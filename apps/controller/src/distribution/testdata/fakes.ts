import { buildSnapshot, encodePart, type EncodedPart, type Part, type Snapshot } from '@fairlead/core/snapshot'
import { keyOf, type Resource } from '@fairlead/core/resources'
import type { JoinGrant } from '../../access/join-grant.js'
import { JoinTokens } from '../../access/join-grant.js'
import { type HeadState, MeshHead } from '../../revisions/mesh-head.js'
import { type Assignment, Assignments } from '../assignments.js'
import { MeshCompiler, type MeshState } from '../mesh-compiler.js'

export class FakeHead extends MeshHead {
  readonly #listeners = new Set<(state: HeadState) => void>()
  current: HeadState = { revision: 0, resources: new Map() }

  override subscribe(listener: (state: HeadState) => void): () => void {
    this.#listeners.add(listener)
    return () => this.#listeners.delete(listener)
  }

  /** The next revision: these resources, and no others. */
  commit(...resources: Resource[]): void {
    const byKey = new Map(resources.map((resource) => [keyOf(resource), resource]))
    this.current = { revision: this.current.revision + 1, resources: byKey }
    for (const listener of this.#listeners) listener(this.current)
  }
}

export class FakeTokens extends JoinTokens {
  readonly grants = new Map<string, JoinGrant>([
    ['token', { tokenName: 'first', namespace: 'default', labels: null }],
    ['web-only', { tokenName: 'web', namespace: 'default', labels: { app: 'web' } }],
  ])

  override verify(token: string): Promise<JoinGrant | null> {
    return Promise.resolve(this.grants.get(token) ?? null)
  }
}

export class FakeAssignments extends Assignments {
  override admit(): void {}

  override of(): Assignment {
    return 'head'
  }
}

/** A routes part for each VirtualService, and one endpoints part with every workload. Same input, same object. */
export class FakeCompiler extends MeshCompiler {
  readonly #parts = new Map<string, EncodedPart>()
  /** Makes every compile fail. */
  failure: Error | null = null
  failures = 0

  override compile({ head, workloads, version }: MeshState): Snapshot {
    if (this.failure !== null) {
      this.failures++
      throw this.failure
    }
    const routes = [...head.resources.values()].map(
      ({ metadata, spec }): Part => ({
        type: 'routes',
        name: metadata.name,
        unknownHost: 'not-found',
        virtualHosts: [{ name: String((spec as { text?: string }).text), domains: ['*'], routes: [] }],
      }),
    )
    const endpoints = workloads.map(({ namespace, name, address, ports }) => ({
      address,
      port: ports.get(8080) ?? 8080,
      weight: 1,
      locality: '',
      workload: `${namespace}/${name}`,
    }))
    const parts: Part[] = [...routes, { type: 'endpoints', name: 'all', endpoints }]
    return buildSnapshot(
      version,
      parts.map((part) => this.#encode(part)),
    )
  }

  #encode(part: Part): EncodedPart {
    const text = JSON.stringify(part)
    let encoded = this.#parts.get(text)
    if (encoded === undefined) this.#parts.set(text, (encoded = encodePart(part)))
    return encoded
  }
}

export function virtualService(name: string, text: string): Resource {
  return {
    apiVersion: 'networking.istio.io/v1',
    kind: 'VirtualService',
    metadata: { name, namespace: 'default' },
    spec: { text },
  }
}

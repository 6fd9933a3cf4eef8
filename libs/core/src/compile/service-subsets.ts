import type { Client, Labels, Mesh, MeshPort, Service } from '../mesh/index.js'
import type { TrafficPolicy } from '../resources/index.js'
import { canonicalJson } from '../snapshot/index.js'
import { perMesh } from './per-mesh.js'

/** What one cluster and its endpoints are made of: a port of a service, whole or one subset of it. */
export interface ServiceSubset {
  readonly service: Service
  readonly port: MeshPort
  /** Empty: the service as a whole. */
  readonly subset: string
  /** Labels of the subset's endpoints. */
  readonly labels: Labels
  readonly rulePolicy: TrafficPolicy | undefined
  /** Counts only where a route names the subset (S45): on the subset's own cluster. */
  readonly subsetPolicy: TrafficPolicy | undefined
}

const views = perMesh<readonly ServiceSubset[]>()

/**
 * Every port of every service that the client sees, and each subset of the DestinationRule that holds for it. The same
 * object for all clients of a namespace between which no DestinationRule makes a difference.
 */
export function serviceSubsets(mesh: Mesh, client: Client): readonly ServiceSubset[] {
  const labels = Object.entries(client.labels).filter(([name]) => mesh.clientLabels.has(name))
  return views(mesh, canonicalJson([client.namespace, labels.sort()]), () => buildView(mesh, client))
}

function buildView(mesh: Mesh, client: Client): readonly ServiceSubset[] {
  const found: ServiceSubset[] = []
  for (const service of mesh.services(client.namespace).values()) {
    const rule = mesh.destinationRule(client, service)
    const rulePolicy = rule?.trafficPolicy
    for (const port of service.ports) {
      found.push({ service, port, subset: '', labels: {}, rulePolicy, subsetPolicy: undefined })
      for (const { name, labels = {}, trafficPolicy } of rule?.subsets ?? []) {
        found.push({ service, port, subset: name, labels, rulePolicy, subsetPolicy: trafficPolicy })
      }
    }
  }
  return found
}

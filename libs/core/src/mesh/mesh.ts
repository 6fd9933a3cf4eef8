import type {
  DestinationRuleSpec,
  GatewaySpec,
  Resource,
  ServiceEntrySpec,
  VirtualServiceSpec,
} from '../resources/index.js'
import { compareAge } from './age.js'
import { DestinationRuleIndex, type Client, type MergedDestinationRule } from './destination-rule-index.js'
import { matchesLabels, type Labels } from './labels.js'
import type { MeshSettings } from './mesh-settings.js'
import { ServiceIndex, type Service } from './service-index.js'
import { VirtualServiceIndex, type BoundVirtualService, type SidecarRoutes } from './virtual-service-index.js'

/**
 * The index of all resources of one revision. Immutable, and independent of the order in which resources were given.
 * Views per namespace are built when first asked for.
 */
export class Mesh {
  readonly settings: MeshSettings
  readonly #services: ServiceIndex
  readonly #virtualServices: VirtualServiceIndex
  readonly #destinationRules: DestinationRuleIndex
  readonly #gateways: readonly Resource<GatewaySpec>[]

  constructor(resources: readonly Resource[], settings: MeshSettings) {
    const { meshDomain, rootNamespace } = settings
    this.settings = settings
    this.#services = new ServiceIndex(ofKind<ServiceEntrySpec>(resources, 'ServiceEntry'), meshDomain)
    this.#virtualServices = new VirtualServiceIndex(ofKind<VirtualServiceSpec>(resources, 'VirtualService'), meshDomain)
    this.#destinationRules = new DestinationRuleIndex(
      ofKind<DestinationRuleSpec>(resources, 'DestinationRule'),
      meshDomain,
      rootNamespace,
    )
    this.#gateways = ofKind<GatewaySpec>(resources, 'Gateway')
  }

  /** By host, sorted by host; one service a host, the one that clients of this namespace mean by it. */
  services(clientNamespace: string): ReadonlyMap<string, Service> {
    return this.#services.visibleTo(clientNamespace)
  }

  sidecarRoutes(clientNamespace: string): SidecarRoutes {
    return this.#virtualServices.forSidecars(clientNamespace)
  }

  /** VirtualServices bound to the gateway `namespace/name`, visible in the agent's namespace, in the order of S9. */
  gatewayRoutes(gateway: string, agentNamespace: string): readonly BoundVirtualService[] {
    return this.#virtualServices.forGateway(gateway, agentNamespace)
  }

  /** Names of the labels of clients on which `destinationRule` depends. */
  get clientLabels(): ReadonlySet<string> {
    return this.#destinationRules.selectorLabels
  }

  destinationRule(client: Client, service: Service): MergedDestinationRule | null {
    return this.#destinationRules.find(client, service.host, service.namespace)
  }

  /** Gateways of all namespaces whose selector matches a gateway agent's labels; without selector: all (S58). */
  gateways(labels: Labels): readonly Resource<GatewaySpec>[] {
    return this.#gateways.filter(({ spec }) => matchesLabels(spec.selector, labels))
  }
}

/** `resources` have been validated; kinds that say nothing about traffic are passed over. */
export function buildMesh(input: { readonly resources: readonly Resource[]; readonly settings: MeshSettings }): Mesh {
  return new Mesh(input.resources, input.settings)
}

/** The oldest first. */
function ofKind<Spec>(resources: readonly Resource[], kind: string): readonly Resource<Spec>[] {
  const isOurs = ({ apiVersion, kind: other }: Resource): boolean =>
    other === kind && apiVersion.startsWith('networking.istio.io/')
  return (resources.filter(isOurs) as Resource<Spec>[]).sort(compareAge)
}

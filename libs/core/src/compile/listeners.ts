import type { ListenerPart } from '../snapshot/index.js'
import { inboundCluster } from './cluster-name.js'
import type { CompileInput } from './compile-input.js'
import { gatewayBinds, gatewayRouteConfig } from './gateway-binds.js'
import { outboundPorts } from './outbound-ports.js'
import { partTask, type PartTask } from './part-task.js'

export function listenerTasks({ mesh, scope }: CompileInput): readonly PartTask[] {
  const inbound = scope.inbound.map(({ address, port, applicationPort }) =>
    listenerTask('inbound', address, port, inboundCluster(applicationPort)),
  )
  if (scope.role === 'gateway') {
    const binds = gatewayBinds(mesh, scope.namespace, scope.labels)
    return [
      ...inbound,
      ...binds.map((bind) => listenerTask('gateway', bind.address, bind.port, gatewayRouteConfig(bind))),
    ]
  }
  const outbound = outboundPorts(mesh, scope.namespace)
  return [...inbound, ...outbound.map(({ port }) => listenerTask('outbound', null, port, `${port}`))]
}

type ListenerInput = Pick<ListenerPart, 'name' | 'direction' | 'address' | 'port'> & { readonly routeConfig: string }

function listenerTask(
  direction: ListenerPart['direction'],
  address: string | null,
  port: number,
  routeConfig: string,
): PartTask {
  const name = address === null ? `${direction}|${port}` : `${direction}|${address}|${port}`
  return partTask('listener', name, { name, direction, address, port, routeConfig }, compileListener)
}

function compileListener({ routeConfig, ...listener }: ListenerInput): ListenerPart {
  const chain = { name: listener.name, match: {}, http: { routeConfig } }
  return { type: 'listener', ...listener, filterChains: [chain] }
}

import {
  decodePart,
  type EncodedPart,
  type HeaderMatch,
  type Part,
  type PartKey,
  type RouteConfigPart,
  type Snapshot,
  type VirtualHost,
} from '@fairlead/core/snapshot'
import { buildRouteTable } from '@fairlead/core/routing'
import { BLACK_HOLE_PLAN, NO_ROUTE_PLAN } from '../proxy/find-plan.js'
import { NOT_PROTECTED, protectedName } from '../proxy/protected-fields.js'
import { compileRoutePlan } from '../proxy/route-plan.js'
import { type CompiledRoutes } from '../proxy/tables.js'
import { ApplyError } from './apply-error.js'

/** A part, read and built; the same object as long as its hash stays the same. */
export interface CompiledPart {
  readonly hash: string
  readonly part: Part
  /** Only of a route config. */
  readonly routes: CompiledRoutes | null
}

export type CompiledParts = ReadonlyMap<PartKey, CompiledPart>

/** Works only on parts whose hash is new. Throws ApplyError, naming the part, if one cannot be built. */
export function compileParts(snapshot: Snapshot, previous: CompiledParts): CompiledParts {
  const compiled = new Map<PartKey, CompiledPart>()
  for (const [key, encoded] of snapshot.parts) {
    const known = previous.get(key)
    compiled.set(key, known !== undefined && known.hash === encoded.hash ? known : compile(encoded))
  }
  return compiled
}

function compile(encoded: EncodedPart): CompiledPart {
  try {
    const part = decodePart(encoded)
    return { hash: encoded.hash, part, routes: part.type === 'routes' ? compileRoutes(part) : null }
  } catch (error) {
    const reason = (error as Error).message
    throw new ApplyError(reason.includes(encoded.key) ? reason : `part ${encoded.key}: ${reason}`, { cause: error })
  }
}

function compileRoutes(part: RouteConfigPart): CompiledRoutes {
  const table = buildRouteTable(part, (route, virtualHost) => {
    try {
      return compileRoutePlan(route)
    } catch (error) {
      const where = `virtual host ${virtualHost.name}, route ${route.name || virtualHost.routes.indexOf(route)}`
      throw new Error(`${where}: ${(error as Error).message}`, { cause: error })
    }
  })
  const unknownHost = part.unknownHost === 'black-hole' ? BLACK_HOLE_PLAN : NO_ROUTE_PLAN
  return { part, table, readsForwarded: readsForwarded(part), unknownHost }
}

/** Those whose routes look at a protected field, or at the scheme, which one of these tells. */
function readsForwarded({ virtualHosts }: RouteConfigPart): ReadonlySet<VirtualHost> | null {
  const isProtected = ({ name }: HeaderMatch) => protectedName(name) !== NOT_PROTECTED
  const found = virtualHosts.filter(({ routes }) =>
    routes.some(({ match }) => match.scheme !== undefined || match.headers?.some(isProtected)),
  )
  return found.length === 0 ? null : new Set(found)
}

import { TokenRow } from './access/token.entity.js'
import { AssignmentRow } from './distribution/assignment.entity.js'
import { AgentRow } from './fleet/agent.entity.js'
import { EndpointsVersionRow } from './fleet/endpoints-version.entity.js'
import { ResourceVersionRow } from './revisions/resource-version.entity.js'
import { RevisionRow } from './revisions/revision.entity.js'

/** Every entity of the controller. Each lives with the module that owns its table; this list is the only file that sees all. */
export const entities: (new () => object)[] = [
  RevisionRow,
  ResourceVersionRow,
  TokenRow,
  AgentRow,
  EndpointsVersionRow,
  AssignmentRow,
]

import type { AgentKey } from '../fleet/agent-record.js'

/** Which revision an agent runs. For now there is one answer. */
export type Assignment = 'head'

/** The port through which it is decided which agent runs which revision. */
export abstract class Assignments {
  /** An agent that is new here gets the base, which is the head. */
  abstract admit(agent: AgentKey): void
  abstract of(agent: AgentKey): Assignment
}

export { type Child, type LogLine, startNode, startProgram } from './child.js'
export { findProgram } from './find-program.js'
export { freePort } from './free-port.js'
export { type Behaviour, MisbehavingServer, type ServerStep } from './misbehaving-server.js'
export { findPostgres, type PostgresServer, startPostgres } from './postgres.js'
export { type ProbedChild, startProbed } from './probed-child.js'
export { RawClient } from './raw-client.js'
export {
  type AgentStream,
  type ScriptedController,
  type ScriptedControllerOptions,
  startScriptedController,
} from './scripted-controller.js'
export { serviceAt } from './service-at.js'
export { FlowServer, type SlowFlow } from './slow-flow.js'
export { readStrictly, type StrictReading, type StrictResponse } from './strict-responses.js'
export { tempFolder, type TempFolder } from './temp-folder.js'
export { waitFor } from './wait-for.js'

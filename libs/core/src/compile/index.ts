export { Compiler } from './compile.js'
export type { AgentScope, CompileInput, InboundBind, Workload } from './compile-input.js'

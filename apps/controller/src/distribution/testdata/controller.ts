import type { DynamicModule } from '@nestjs/common'
import { Test } from '@nestjs/testing'
import { AccessModule } from '../../access/access.module.js'
import { JoinTokens } from '../../access/join-grant.js'
import { Database } from '../../database/database.js'
import { AgentStore } from '../../fleet/agent-store.js'
import { Clock } from '../../fleet/clock.js'
import { Registry } from '../../fleet/registry.js'
import { SilenceWatch } from '../../fleet/silence-watch.js'
import { FakeClock } from '../../fleet/testdata/fake-clock.js'
import { MemoryStore } from '../../fleet/testdata/memory-store.js'
import { ProblemFilter } from '../../problem/problem.filter.js'
import { MeshHead } from '../../revisions/mesh-head.js'
import { RevisionsModule } from '../../revisions/revisions.module.js'
import { type Settings, SETTINGS } from '../../settings/settings.js'
import { Assignments } from '../assignments.js'
import { grpcOptions } from '../config-server.js'
import { DistributionModule } from '../distribution.module.js'
import { MeshCompiler } from '../mesh-compiler.js'
import { FakeAssignments, FakeCompiler, FakeHead, FakeTokens } from './fakes.js'

export interface TestController {
  readonly port: number
  /** `http://127.0.0.1:PORT`. */
  readonly rest: string
  readonly head: FakeHead
  readonly store: MemoryStore
  readonly registry: Registry
  readonly silence: SilenceWatch
  readonly clock: FakeClock
  close(): Promise<void>
}

export interface ControllerOptions {
  /** As another controller left them. */
  readonly head?: FakeHead
  readonly store?: MemoryStore
  /** Instead of `store`: the registry is really written. */
  readonly database?: Database
  readonly compiler?: MeshCompiler
  readonly tls?: Settings['tls']
}

/** A controller's fleet and distribution on real sockets, with fakes for the rest. */
export async function startController(options: ControllerOptions = {}): Promise<TestController> {
  const { head = new FakeHead(), store = new MemoryStore(), compiler = new FakeCompiler(), tls = null } = options
  const clock = new FakeClock()
  const testing = Test.createTestingModule({ imports: [surroundings(options), DistributionModule] })
    .overrideModule(RevisionsModule)
    .useModule(providing(MeshHead, head))
    .overrideModule(AccessModule)
    .useModule(providing(JoinTokens, new FakeTokens()))
    .overrideProvider(MeshCompiler)
    .useValue(compiler)
    .overrideProvider(Clock)
    .useValue(clock)
  if (options.database === undefined) {
    testing.overrideProvider(AgentStore).useValue(store)
    testing.overrideProvider(Assignments).useValue(new FakeAssignments())
  }
  const app = (await testing.compile()).createNestApplication({ logger: false })
  app.useGlobalFilters(new ProblemFilter(() => []))
  const grpc = grpcOptions({ grpcListen: { host: '127.0.0.1', port: 0 }, tls })
  app.connectMicroservice(grpc)
  await app.startAllMicroservices()
  await app.listen(0, '127.0.0.1')
  return {
    port: grpc.strategy.port,
    rest: await app.getUrl(),
    head,
    store,
    registry: app.get(Registry),
    silence: app.get(SilenceWatch),
    clock,
    close: () => app.close(),
  }
}

/** What the modules under test expect to be global. */
function surroundings({ database }: ControllerOptions): DynamicModule {
  const providers = [
    { provide: Database, useValue: database ?? {} },
    { provide: SETTINGS, useValue: {} },
  ]
  return { module: class Surroundings {}, global: true, providers, exports: [Database, SETTINGS] }
}

function providing(token: abstract new () => unknown, value: unknown): DynamicModule {
  return { module: class Fakes {}, providers: [{ provide: token, useValue: value }], exports: [token] }
}

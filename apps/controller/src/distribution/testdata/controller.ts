import { Global, Module } from '@nestjs/common'
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
import { MeshHead } from '../../revisions/mesh-head.js'
import { RevisionsModule } from '../../revisions/revisions.module.js'
import { SETTINGS } from '../../settings/settings.js'
import { Assignments } from '../assignments.js'
import { grpcOptions } from '../config-server.js'
import { DistributionModule } from '../distribution.module.js'
import { MeshCompiler } from '../mesh-compiler.js'
import { FakeAssignments, FakeCompiler, FakeHead, FakeTokens } from './fakes.js'

/** What the modules under test expect to be global. */
@Global()
@Module({
  providers: [
    { provide: Database, useValue: {} },
    { provide: SETTINGS, useValue: {} },
  ],
  exports: [Database, SETTINGS],
})
class Surroundings {}

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

/** A controller's fleet and distribution on real sockets, with fakes for the rest; again on the same store and head. */
export async function startController(
  before?: Pick<TestController, 'head' | 'store'>,
  compiler: MeshCompiler = new FakeCompiler(),
): Promise<TestController> {
  const head = before?.head ?? new FakeHead()
  const store = before?.store ?? new MemoryStore()
  const clock = new FakeClock()
  @Module({ providers: [{ provide: MeshHead, useValue: head }], exports: [MeshHead] })
  class Revisions {}
  @Module({ providers: [{ provide: JoinTokens, useClass: FakeTokens }], exports: [JoinTokens] })
  class Access {}

  const testing = await Test.createTestingModule({ imports: [Surroundings, DistributionModule] })
    .overrideModule(RevisionsModule)
    .useModule(Revisions)
    .overrideModule(AccessModule)
    .useModule(Access)
    .overrideProvider(AgentStore)
    .useValue(store)
    .overrideProvider(Assignments)
    .useValue(new FakeAssignments())
    .overrideProvider(MeshCompiler)
    .useValue(compiler)
    .overrideProvider(Clock)
    .useValue(clock)
    .compile()
  const app = testing.createNestApplication({ logger: false })
  const grpc = grpcOptions({ grpcListen: { host: '127.0.0.1', port: 0 }, tls: null })
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

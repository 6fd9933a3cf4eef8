import { Module } from '@nestjs/common'
import { AccessModule } from '../access/access.module.js'
import { FleetModule } from '../fleet/fleet.module.js'
import { RevisionsModule } from '../revisions/revisions.module.js'
import { AgentStreams } from './agent-streams.js'
import { AssignmentRepository } from './assignment.repository.js'
import { Assignments } from './assignments.js'
import { ConfigController } from './config.controller.js'
import { CoreMeshCompiler } from './core-mesh-compiler.js'
import { Drains } from './drains.js'
import { FanOut } from './fan-out.js'
import { MeshCompiler } from './mesh-compiler.js'
import { SnapshotSource } from './snapshot-source.js'

/** State to snapshots to agents. Needs the global `Database` and settings. */
@Module({
  imports: [AccessModule, RevisionsModule, FleetModule],
  controllers: [ConfigController],
  providers: [
    AgentStreams,
    Drains,
    FanOut,
    SnapshotSource,
    { provide: MeshCompiler, useClass: CoreMeshCompiler },
    { provide: Assignments, useClass: AssignmentRepository },
  ],
  exports: [Assignments],
})
export class DistributionModule {}

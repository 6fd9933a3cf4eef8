import { Module } from '@nestjs/common'
import { FleetModule } from '../fleet/fleet.module.js'
import { AgentStreams } from './agent-streams.js'
import { AssignmentRepository } from './assignment.repository.js'
import { Assignments } from './assignments.js'
import { ConfigController } from './config.controller.js'
import { Drains } from './drains.js'
import { FanOut } from './fan-out.js'
import { MeshCompiler } from './mesh-compiler.js'
import { SnapshotSource } from './snapshot-source.js'

/** State to snapshots to agents. Needs `MeshHead`, `JoinTokens` and `Database` from global modules. */
@Module({
  imports: [FleetModule],
  controllers: [ConfigController],
  providers: [AgentStreams, Drains, FanOut, SnapshotSource, { provide: Assignments, useClass: AssignmentRepository }],
  exports: [Assignments],
})
export class DistributionModule {}

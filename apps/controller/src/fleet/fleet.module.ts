import { Module } from '@nestjs/common'
import { RevisionsModule } from '../revisions/revisions.module.js'
import { AgentStore } from './agent-store.js'
import { AgentRepository } from './agent.repository.js'
import { AgentsController } from './agents.controller.js'
import { AgentsService } from './agents.service.js'
import { Clock } from './clock.js'
import { Registry } from './registry.js'
import { SilenceWatch } from './silence-watch.js'

/** Who the agents are: registry, silence rules, REST. Needs the global `Database`. */
@Module({
  imports: [RevisionsModule],
  controllers: [AgentsController],
  providers: [AgentsService, Clock, Registry, SilenceWatch, { provide: AgentStore, useClass: AgentRepository }],
  exports: [Registry],
})
export class FleetModule {}

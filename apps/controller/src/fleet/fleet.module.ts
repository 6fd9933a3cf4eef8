import { Module } from '@nestjs/common'
import { AgentStore } from './agent-store.js'
import { AgentRepository } from './agent.repository.js'
import { AgentsController } from './agents.controller.js'
import { AgentsService } from './agents.service.js'
import { Clock } from './clock.js'
import { Registry } from './registry.js'
import { SilenceWatch } from './silence-watch.js'

/** Who the agents are: registry, silence rules, REST. Needs `MeshHead` and `Database` from global modules. */
@Module({
  controllers: [AgentsController],
  providers: [AgentsService, Clock, Registry, SilenceWatch, { provide: AgentStore, useClass: AgentRepository }],
  exports: [Registry, Clock],
})
export class FleetModule {}

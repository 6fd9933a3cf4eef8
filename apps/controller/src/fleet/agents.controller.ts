import type { Agent, AgentList } from '@fairlead/api-client'
import { Controller, Delete, Get, HttpCode, Param, Post } from '@nestjs/common'
import { AgentsService } from './agents.service.js'

/** REST for agents: records that agents make, which an operator may look at, drain and forget. */
@Controller('apis/fairlead.io/v1')
export class AgentsController {
  constructor(private readonly agents: AgentsService) {}

  @Get('agents')
  listAll(): AgentList {
    return this.agents.list()
  }

  @Get('namespaces/:namespace/agents')
  list(@Param('namespace') namespace: string): AgentList {
    return this.agents.list(namespace)
  }

  @Get('namespaces/:namespace/agents/:name')
  get(@Param('namespace') namespace: string, @Param('name') name: string): Agent {
    return this.agents.get(namespace, name)
  }

  @Post('namespaces/:namespace/agents/:name/drain')
  @HttpCode(200)
  drain(@Param('namespace') namespace: string, @Param('name') name: string): Promise<Agent> {
    return this.agents.drain(namespace, name)
  }

  @Post('namespaces/:namespace/agents/:name/undrain')
  @HttpCode(200)
  undrain(@Param('namespace') namespace: string, @Param('name') name: string): Promise<Agent> {
    return this.agents.undrain(namespace, name)
  }

  @Delete('namespaces/:namespace/agents/:name')
  forget(@Param('namespace') namespace: string, @Param('name') name: string): Promise<Agent> {
    return this.agents.forget(namespace, name)
  }
}

import { Controller } from '@nestjs/common'
import { GrpcStreamCall } from '@nestjs/microservices'
import { AgentStreams } from './agent-streams.js'
import type { StreamCall } from './stream-call.js'

/** The gRPC service of `config.proto`. A raw call, because Nest's streams buffer without bound for a slow reader. */
@Controller()
export class ConfigController {
  constructor(private readonly streams: AgentStreams) {}

  @GrpcStreamCall('ConfigService', 'streamConfig')
  streamConfig(call: StreamCall): void {
    void this.streams.open(call)
  }
}

import { readFileSync } from 'node:fs'
import type { AddressInfo } from 'node:net'
import { ConfigServiceService, type ControllerMessage } from '@fairlead/proto'
import { Server, ServerCredentials, type ServiceDefinition } from '@grpc/grpc-js'
import { ServerGrpc } from '@nestjs/microservices'
import { formatHostPort } from '../settings/host-port.js'
import type { Settings } from '../settings/settings.js'

type GrpcSettings = Pick<Settings, 'grpcListen' | 'tls'>

const RECEIVE_MAX_BYTES = 16 * 1024 * 1024
const SEND_MAX_BYTES = 64 * 1024 * 1024

/** How long a stop waits for connections to close by themselves. */
const CLOSE_MAX_MS = 500

const channelOptions = {
  'grpc.max_receive_message_length': RECEIVE_MAX_BYTES,
  'grpc.max_send_message_length': SEND_MAX_BYTES,
  // A host that vanished without a word is noticed within the 15 s of silence.
  'grpc.keepalive_time_ms': 8_000,
  'grpc.keepalive_timeout_ms': 4_000,
  // An agent has one.
  'grpc.max_concurrent_streams': 16,
}

/** For `connectMicroservice`. `strategy.port` is the bound port once microservices have started. */
export function grpcOptions(settings: GrpcSettings): { readonly strategy: ConfigServer } {
  return { strategy: new ConfigServer(settings) }
}

/** Nest's gRPC server on the listener that the settings name, with messages that are encoded once for many agents. */
export class ConfigServer extends ServerGrpc {
  readonly #settings: GrpcSettings
  #port = 0
  #server: Server | null = null

  constructor(settings: GrpcSettings) {
    const packageDefinition = { 'fairlead.agent.v1.ConfigService': encodeOnce() }
    super({ package: 'fairlead.agent.v1', packageDefinition })
    this.#settings = settings
  }

  /** The bound port; 0 before the start. */
  get port(): AddressInfo['port'] {
    return this.#port
  }

  override async createClient(): Promise<Server> {
    const server = new Server(channelOptions)
    const { grpcListen, tls } = this.#settings
    const credentials =
      tls === null
        ? ServerCredentials.createInsecure()
        : ServerCredentials.createSsl(null, [
            { cert_chain: readFileSync(tls.certFile), private_key: readFileSync(tls.keyFile) },
          ])
    this.#port = await new Promise((resolve, reject) => {
      server.bindAsync(formatHostPort(grpcListen), credentials, (error, port) =>
        error === null ? resolve(port) : reject(error),
      )
    })
    this.#server = server
    return server
  }

  /** Streams were ended before (see AgentStreams): what is still on its way to the agents gets a moment. */
  override async close(): Promise<void> {
    const server = this.#server
    if (server === null) return
    this.#server = this.grpcClient = null
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, CLOSE_MAX_MS)
      server.tryShutdown(() => {
        clearTimeout(timer)
        resolve()
      })
    })
    server.forceShutdown()
  }
}

/** The service, with an encoder that remembers: the same message object goes to every agent that needs it. */
function encodeOnce(): ServiceDefinition {
  const encoded = new WeakMap<ControllerMessage, Buffer>()
  const responseSerialize = (message: ControllerMessage): Buffer => {
    let bytes = encoded.get(message)
    if (bytes === undefined) {
      bytes = ConfigServiceService.streamConfig.responseSerialize(message)
      encoded.set(message, bytes)
    }
    return bytes
  }
  return { streamConfig: { ...ConfigServiceService.streamConfig, responseSerialize } }
}

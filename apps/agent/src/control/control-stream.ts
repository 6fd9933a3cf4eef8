import { isIPv6 } from 'node:net'
import {
  connectivityState,
  status,
  type ClientDuplexStream,
  type ClientOptions,
  type StatusObject,
} from '@grpc/grpc-js'
import { ConfigServiceClient, type AgentMessage, type ControllerMessage, type Hello } from '@fairlead/proto'
import type { Access, ControllerAddress } from './credentials.js'
import { agentMessage } from './wire.js'

/** How long a connection may take, TLS included, in whole ticks. */
const CONNECT_TICKS_MAX = 5
/** A stream that the controller keeps open for a tick or more is admitted, also when there is nothing to say on it. */
const TICK_MS = 1_000
/** A full snapshot of the largest mesh that we bench is a tenth of it. */
const MESSAGE_MAX_BYTES = 64 * 1024 * 1024

const channelOptions: ClientOptions = {
  'grpc.keepalive_time_ms': 10_000,
  'grpc.keepalive_timeout_ms': 5_000,
  'grpc.max_receive_message_length': MESSAGE_MAX_BYTES,
  // Back-off is ours: each try gets a channel of its own that shares no state with the last one.
  'grpc.use_local_subchannel_pool': 1,
  'grpc.enable_retries': 0,
  // HTTP_PROXY on such a host often names this very agent.
  'grpc.enable_http_proxy': 0,
  'grpc.service_config_disable_resolution': 1,
}

export interface StreamEvents {
  /** The controller has answered, or kept the stream open for a second. Once. */
  onAdmitted(): void
  onMessage(message: NonNullable<ControllerMessage['message']>): void
  /** Once, last. */
  onEnd(end: StreamEnd): void
}

export interface StreamEnd {
  readonly code: status
  readonly details: string
}

/** One stream on one connection, from Hello to its end. */
export class ControlStream {
  readonly #client: ConfigServiceClient
  readonly #events: StreamEvents
  readonly #call: ClientDuplexStream<AgentMessage, ControllerMessage>
  readonly #ticks: NodeJS.Timeout
  #ticksLeft = CONNECT_TICKS_MAX
  #isAdmitted = false
  #isEnded = false

  constructor(controller: ControllerAddress, access: Access, hello: Hello, events: StreamEvents) {
    const host = isIPv6(controller.host) ? `[${controller.host}]` : controller.host
    this.#events = events
    this.#client = new ConfigServiceClient(`${host}:${controller.port}`, access.credentials, channelOptions)
    this.#call = this.#client.streamConfig(access.metadata)
    this.#call.on('metadata', () => this.#admit())
    this.#call.on('data', (message: ControllerMessage) => this.#onData(message))
    // The status says the same and comes always; without a listener the error would end the process.
    this.#call.on('error', () => {})
    this.#call.on('status', ({ code, details }: StatusObject) => this.#end({ code, details }))
    this.#ticks = setInterval(() => this.#onTick(), TICK_MS)
    this.send({ $case: 'hello', value: hello })
  }

  get isOpen(): boolean {
    return !this.#isEnded
  }

  /** Goes nowhere when the stream is not open: the next Hello says what matters. */
  send(message: NonNullable<AgentMessage['message']>): void {
    if (this.isOpen) this.#call.write(agentMessage(message))
  }

  /** No more from this side; the controller ends its own. */
  halfClose(): void {
    if (this.isOpen) this.#call.end()
  }

  /** Ends at once; `onEnd` is called before this returns. */
  destroy(details: string): void {
    this.#end({ code: status.CANCELLED, details })
  }

  #onData({ message }: ControllerMessage): void {
    if (this.#isEnded) return
    this.#admit()
    // A message of a newer controller that this version does not know decodes to nothing.
    if (message !== undefined) this.#events.onMessage(message)
  }

  #onTick(): void {
    const isConnected = this.#client.getChannel().getConnectivityState(false) === connectivityState.READY
    if (isConnected) this.#admit()
    else if (--this.#ticksLeft === 0) this.#end({ code: status.UNAVAILABLE, details: 'no answer to the connect' })
  }

  #admit(): void {
    if (this.#isAdmitted || this.#isEnded) return
    this.#isAdmitted = true
    clearInterval(this.#ticks)
    this.#events.onAdmitted()
  }

  #end(end: StreamEnd): void {
    if (this.#isEnded) return
    this.#isEnded = true
    clearInterval(this.#ticks)
    this.#call.cancel()
    this.#client.close()
    this.#events.onEnd(end)
  }
}

import type { AgentMessage, Hello } from '@fairlead/proto'
import { Metadata, status } from '@grpc/grpc-js'
import { Injectable, Logger, type OnModuleDestroy } from '@nestjs/common'
import { JoinTokens, type JoinGrant } from '../access/join-grant.js'
import { agentKey, type Registration } from '../fleet/agent-record.js'
import { checkRegistration, RegistrationRefused } from '../fleet/registration.js'
import { Registry } from '../fleet/registry.js'
import { Assignments } from './assignments.js'
import { AgentStream, type StreamContext } from './agent-stream.js'
import { Drains } from './drains.js'
import { FanOut } from './fan-out.js'
import { PushState } from './push-state.js'
import { SnapshotCache } from './snapshot-cache.js'
import { SnapshotSource } from './snapshot-source.js'
import { failCall, type StreamCall } from './stream-call.js'
import { TokenBucket } from './token-bucket.js'
import { Updates } from './updates.js'
import { inventoryOf, registrationOf, scopeOf, versionFromWire } from './wire.js'

/** A stream that does not say Hello is not kept. */
const HELLO_MAX_MS = 10_000
/** New streams, so that a fleet which comes back at once does not starve those that are there. */
const ADMISSION = { burst: 100, perSecond: 200, waitMaxMs: 10_000 } as const
/** Messages of one agent. An honest one answers Updates, one by one. */
const MESSAGES = { burst: 500, perSecond: 200 } as const
/** How long a stop waits for agents to hear of it. */
const STOP_MAX_MS = 500

/** From an open call to an admitted agent, to its end. */
@Injectable()
export class AgentStreams implements OnModuleDestroy {
  readonly #logger = new Logger(AgentStreams.name)
  readonly #calls = new Set<StreamCall>()
  readonly #admission = new TokenBucket(ADMISSION.burst, ADMISSION.perSecond, performance.now())
  readonly #context: StreamContext
  #isStopping = false

  constructor(
    source: SnapshotSource,
    private readonly tokens: JoinTokens,
    private readonly registry: Registry,
    private readonly assignments: Assignments,
    private readonly fanOut: FanOut,
    private readonly drains: Drains,
  ) {
    this.#context = { source, updates: new Updates(), cache: new SnapshotCache() }
  }

  /** Ends every stream, so that agents look for another controller at once. Their registrations stay. */
  async onModuleDestroy(): Promise<void> {
    this.#isStopping = true
    const closed = [...this.#calls].map((call) => new Promise((resolve) => call.once('close', resolve)))
    for (const call of this.#calls) failCall(call, status.UNAVAILABLE, 'the controller is stopping')
    let timer: NodeJS.Timeout | undefined
    await Promise.race([Promise.all(closed), new Promise((resolve) => (timer = setTimeout(resolve, STOP_MAX_MS)))])
    clearTimeout(timer)
  }

  /** Takes over a call that was just opened. Never rejects: what is wrong ends the call with a status. */
  async open(call: StreamCall): Promise<void> {
    if (call.cancelled) return
    this.#calls.add(call)
    call.once('close', () => this.#calls.delete(call))
    try {
      const grant = await this.#authenticate(call)
      const hello = await this.#hello(call)
      const registration = registrationOf(hello)
      checkRegistration(registration, grant)
      await this.#admit()
      if (!call.cancelled && !call.destroyed) this.#begin(call, hello, registration)
    } catch (error) {
      this.#refuse(call, error as Error)
    }
  }

  /** Before a message is read: an unauthenticated peer does not reach the decoder. */
  async #authenticate(call: StreamCall): Promise<JoinGrant> {
    if (this.#isStopping) throw new StreamRefused(status.UNAVAILABLE, 'the controller is stopping')
    const header = String(call.metadata.get('authorization')[0] ?? '')
    const token = /^Bearer ([\x21-\x7e]{1,512})$/i.exec(header)?.[1]
    const grant = token === undefined ? null : await this.tokens.verify(token)
    if (grant === null) throw new StreamRefused(status.UNAUTHENTICATED, 'a valid join token is needed')
    return grant
  }

  #hello(call: StreamCall): Promise<Hello> {
    return new Promise((resolve, reject) => {
      const give = (settle: () => void) => {
        clearTimeout(timer)
        call.off('data', onData).off('end', onEnd).off('close', onEnd)
        settle()
      }
      const onData = ({ message }: AgentMessage) => {
        // What follows waits until the agent is admitted.
        call.pause()
        if (message?.$case === 'hello') give(() => resolve(message.value))
        else give(() => reject(new StreamRefused(status.INVALID_ARGUMENT, 'the first message must be the Hello')))
      }
      const onEnd = () => give(() => reject(new StreamRefused(status.CANCELLED, 'ended before its Hello')))
      const timer = setTimeout(
        () => give(() => reject(new StreamRefused(status.DEADLINE_EXCEEDED, `no Hello within ${HELLO_MAX_MS} ms`))),
        HELLO_MAX_MS,
      )
      call.on('data', onData).on('end', onEnd).on('close', onEnd)
    })
  }

  async #admit(): Promise<void> {
    const waitMs = this.#admission.take(performance.now())
    if (waitMs > ADMISSION.waitMaxMs) {
      this.#admission.giveBack()
      throw new StreamRefused(status.UNAVAILABLE, 'too many agents connect at once; try again')
    }
    if (waitMs > 0) await new Promise((resolve) => setTimeout(resolve, waitMs))
    if (this.#isStopping) throw new StreamRefused(status.UNAVAILABLE, 'the controller is stopping')
  }

  #begin(call: StreamCall, hello: Hello, registration: Registration): void {
    const { namespace, name, instanceEpoch } = registration
    const version = versionFromWire(hello.version)
    const stream = new AgentStream(
      agentKey(namespace, name),
      instanceEpoch,
      scopeOf(registration),
      call,
      new PushState({ hash: hello.snapshotHash, version }, this.#context.cache.get(hello.snapshotHash)),
      this.#context,
    )
    const { drain } = this.registry.connect(registration, version, stream)
    this.assignments.admit(stream.key)
    call.once('close', () => this.#end(stream))
    // Admitted, also when there is nothing to send.
    call.sendMetadata(new Metadata())
    if (drain !== 'none') stream.announceDrain(true)
    this.fanOut.add(stream)
    this.#listen(call, stream)
    this.#logger.log(`agent ${stream.key} connected`)
  }

  #listen(call: StreamCall, stream: AgentStream): void {
    const bucket = new TokenBucket(MESSAGES.burst, MESSAGES.perSecond, performance.now())
    call.on('data', ({ message }: AgentMessage) => {
      this.#receive(stream, message)
      const waitMs = bucket.take(performance.now())
      if (waitMs === 0) return
      call.pause()
      setTimeout(() => call.resume(), waitMs).unref()
    })
    // Half-closed without a Goodbye: nothing more will be acknowledged.
    call.once('end', () => {
      if (stream.isOpen && !stream.isLeaving) stream.finish()
    })
    call.resume()
  }

  #receive(stream: AgentStream, message: AgentMessage['message']): void {
    if (!stream.isOpen) return
    switch (message?.$case) {
      case 'ack':
        stream.acked(message.value.hash, performance.now())
        break
      case 'nack':
        this.#logger.warn(`agent ${stream.key} refused a snapshot: ${message.value.reason.slice(0, 500)}`)
        stream.nacked(message.value.hash, message.value.reason)
        break
      case 'inventory':
        stream.inventory(inventoryOf(message.value))
        break
      case 'workload':
        this.#workloadState(stream, message.value.draining)
        break
      case 'goodbye':
        void this.#goodbye(stream)
        break
      case 'hello':
        return stream.fail(status.INVALID_ARGUMENT, 'Hello is said once')
      case undefined:
        // Of a newer agent: unknown here, and meant to be ignorable.
        return
    }
    this.fanOut.enqueue(stream)
    this.fanOut.progressed()
  }

  #workloadState(stream: AgentStream, draining: boolean): void {
    const isDraining = this.registry.get(stream.key)?.record.drain !== 'none'
    const change = draining ? this.registry.drain(stream.key, 'agent') : this.registry.undrain(stream.key)
    // A failed write is logged and tried again by the registry; the endpoint has moved already.
    change.catch(() => undefined)
    if (draining) void this.drains.announce(stream)
    // Nothing to undo, but the agent waits for the answer.
    else if (!isDraining) stream.announceUndrain()
  }

  /** The endpoint goes at once; the agent is let go when the others know. */
  async #goodbye(stream: AgentStream): Promise<void> {
    stream.isLeaving = true
    this.registry.goodbye(stream.key, stream)
    const saved = this.registry.saved().catch(() => undefined)
    await Promise.all([saved, this.drains.withdrawn(stream)])
    if (stream.isOpen) stream.finish()
  }

  #end(stream: AgentStream): void {
    stream.closed()
    this.fanOut.remove(stream)
    this.registry.disconnect(stream.key, stream)
    this.#logger.log(`agent ${stream.key} disconnected`)
  }

  #refuse(call: StreamCall, error: Error): void {
    if (error instanceof StreamRefused) return failCall(call, error.code, error.message)
    if (error instanceof RegistrationRefused) return failCall(call, refusalCodes[error.reason], error.message)
    this.#logger.error(`a stream could not be opened: ${error.stack}`)
    failCall(call, status.UNAVAILABLE, 'the controller cannot admit agents now')
  }
}

class StreamRefused extends Error {
  constructor(
    readonly code: status,
    message: string,
  ) {
    super(message)
  }
}

const refusalCodes = {
  invalid: status.INVALID_ARGUMENT,
  denied: status.PERMISSION_DENIED,
  superseded: status.ALREADY_EXISTS,
} as const

import { setTimeout as delay } from 'node:timers/promises'
import { status } from '@grpc/grpc-js'
import { formatVersion, NO_VERSION, type Snapshot } from '@fairlead/core/snapshot'
import type { ControllerMessage, Hello, Update } from '@fairlead/proto'
import type { Logger } from 'pino'
import { backoffMs } from './backoff.js'
import { ConfigIntake, type IntakeReplies } from './config-intake.js'
import {
  CONFIG_APPLIED_TOTAL,
  CONFIG_NACKS_TOTAL,
  CONFIG_RESYNCS_TOTAL,
  CONFIG_UNKEPT,
  CONNECTED,
  CONNECTS_TOTAL,
  ControlStats,
  DRAINING,
} from './control-stats.js'
import { ControlStream, type StreamEnd } from './control-stream.js'
import { readAccess, type ControllerAddress } from './credentials.js'
import { deltaOfUpdate, inventoryOf, nodeToWire, versionToWire, type AgentNode } from './wire.js'

/**
 * How long a local drain or a clean stop waits for the controller to say that the endpoint is withdrawn: more than the
 * second for which the controller itself waits for slow agents.
 */
const WITHDRAWAL_MAX_MS = 1_500

export interface ControlSessionOptions {
  readonly controller: ControllerAddress
  readonly node: AgentNode
  readonly agentVersion: string
  /** Milliseconds; greater than that of every earlier start. */
  readonly instanceEpoch: number
  /** What runs already, from disk. */
  readonly initial: Snapshot | null
  /** Makes the snapshot what runs, or throws (and then leaves what ran): the message becomes the NACK's reason. */
  readonly apply: (snapshot: Snapshot) => void | Promise<void>
  /** Durable when it resolves. */
  readonly persist: (snapshot: Snapshot) => Promise<void>
  /** The endpoint was withdrawn (true): finish connections. Or it is back. Called on change only. */
  readonly onDraining: (draining: boolean) => void
  readonly log: Logger
  /** Waits between two tries; rejects when the signal says so. Tests count instead of waiting. */
  readonly sleep?: (ms: number, signal: AbortSignal) => Promise<void>
}

/** What admin shows of the session. */
export interface ControlStatus {
  readonly connected: boolean
  /** Why the last stream ended or could not begin; null once the controller has admitted this agent again. */
  readonly lastError: string | null
  /** Why the running config could not be kept on disk. */
  readonly persistError: string | null
  readonly lastNack: { readonly version: string; readonly reason: string } | null
  readonly connects: number
  readonly draining: boolean
}

/** Keeps this agent on its controller: connects, says Hello, takes config, comes back after every failure. */
export class ControlSession {
  readonly stats: ControlStats
  readonly #options: ControlSessionOptions
  readonly #intake: ConfigIntake
  readonly #stopping = new AbortController()
  #stream: ControlStream | null = null
  #loop: Promise<void> | null = null
  #attempt = 0
  #isConnected = false
  #lastError: string | null = null
  #persistError: string | null = null
  #lastNack: ControlStatus['lastNack'] = null
  /** The controller could not build on what runs here: say so with an empty hash until a snapshot was taken. */
  #wantsEverything = false
  #isDraining = false
  /** Asked for here, so a new stream must hear of it; what the controller asked for it knows itself. */
  #isDrainLocal = false
  #drainAcknowledged: (() => void) | null = null

  constructor(options: ControlSessionOptions) {
    this.#options = options
    this.stats = new ControlStats(`${options.node.namespace}/${options.node.name}`)
    this.stats.setVersion(options.initial?.version ?? NO_VERSION)
    this.#intake = new ConfigIntake({
      initial: options.initial,
      apply: options.apply,
      persist: options.persist,
      onPersistError: (error) => this.#notePersistError(error),
    })
  }

  start(): void {
    this.#loop ??= this.#run()
  }

  get status(): ControlStatus {
    return {
      connected: this.#isConnected,
      lastError: this.#lastError,
      persistError: this.#persistError,
      lastNack: this.#lastNack,
      connects: this.stats.values[CONNECTS_TOTAL]!,
      draining: this.#isDraining,
    }
  }

  /**
   * A drain asked for on this host. The endpoint is withdrawn first: resolves when the controller has confirmed it, or
   * after a while, or at once while the controller is away; by then `onDraining` was called.
   */
  async drain(draining: boolean): Promise<void> {
    this.#isDrainLocal = draining
    if (this.#stream?.isOpen && draining !== this.#isDraining) {
      const confirmed = new Promise<void>((resolve) => (this.#drainAcknowledged = resolve))
      this.#stream.send({ $case: 'workload', value: { draining } })
      await Promise.race([confirmed, delay(WITHDRAWAL_MAX_MS, undefined, { ref: false })])
    }
    this.#setDraining(draining)
  }

  /** Says Goodbye. The controller withdraws the endpoint and ends the stream when the other agents know. */
  async stop(): Promise<void> {
    this.#stopping.abort()
    const stream = this.#stream
    stream?.send({ $case: 'goodbye', value: {} })
    stream?.halfClose()
    const giveUp = setTimeout(() => stream?.destroy('stopped'), stream?.isOpen ? WITHDRAWAL_MAX_MS : 0)
    await this.#loop
    clearTimeout(giveUp)
  }

  async #run(): Promise<void> {
    const { signal } = this.#stopping
    const sleep = this.#options.sleep ?? ((ms) => delay(ms, undefined, { signal }))
    while (!signal.aborted) {
      const end = await this.#connectOnce()
      this.#isConnected = false
      this.stats.set(CONNECTED, false)
      if (signal.aborted) return
      this.#noteEnd(end)
      const isRefusal = end.code !== null && REFUSALS.has(end.code)
      const waitMs = isRefusal ? backoffMs(Infinity, Math.random()) : backoffMs(this.#attempt++, Math.random())
      await sleep(waitMs, signal).catch(() => {})
    }
  }

  /** One stream from its Hello to its end. */
  async #connectOnce(): Promise<Ended> {
    try {
      const access = await readAccess(this.#options.controller)
      await this.#intake.beginStream()
      if (this.#stopping.signal.aborted) return { code: null, reason: 'stopped' }
      return await new Promise((resolve) => {
        const stream: ControlStream = new ControlStream(this.#options.controller, access, this.#hello(), {
          onAdmitted: () => this.#onAdmitted(stream),
          onMessage: (message) => this.#onMessage(stream, message),
          onEnd: (end) => resolve(explain(end, this.#options.controller)),
        })
        this.#stream = stream
      })
    } catch (error) {
      return { code: status.FAILED_PRECONDITION, reason: (error as Error).message }
    } finally {
      this.#stream = null
    }
  }

  #hello(): Hello {
    const { node, instanceEpoch, agentVersion } = this.#options
    const running = this.#intake.running
    return {
      node: nodeToWire(node),
      instanceEpoch: BigInt(instanceEpoch),
      version: versionToWire(running?.version ?? NO_VERSION),
      snapshotHash: this.#wantsEverything ? '' : (running?.hash ?? ''),
      agentVersion,
    }
  }

  #onAdmitted(stream: ControlStream): void {
    this.#isConnected = true
    this.#lastError = null
    this.stats.add(CONNECTS_TOTAL, 1)
    this.stats.set(CONNECTED, true)
    // Not after a resync: two ends that never agree shall not spin.
    if (!this.#wantsEverything) this.#attempt = 0
    this.#options.log.info({ controller: nameOf(this.#options.controller) }, 'connected to the controller')
    if (this.#isDrainLocal) stream.send({ $case: 'workload', value: { draining: true } })
  }

  #onMessage(stream: ControlStream, message: NonNullable<ControllerMessage['message']>): void {
    switch (message.$case) {
      case 'update':
        return this.#onUpdate(stream, message.value)
      case 'inventoryRequest':
        return stream.send({ $case: 'inventory', value: inventoryOf(this.#intake.running) })
      case 'drain':
        return this.#onDrainRequest(message.value.draining)
    }
  }

  #onUpdate(stream: ControlStream, update: Update): void {
    const replies = this.#repliesOn(stream)
    try {
      this.#intake.receive(deltaOfUpdate(update), replies)
    } catch (error) {
      replies.nack({ version: NO_VERSION, hash: update.hash }, (error as Error).message)
    }
  }

  #repliesOn(stream: ControlStream): IntakeReplies {
    return {
      ack: ({ version, hash }) => {
        this.#lastNack = null
        this.#wantsEverything = false
        this.#attempt = 0
        this.stats.add(CONFIG_APPLIED_TOTAL, 1)
        this.stats.setVersion(version)
        stream.send({ $case: 'ack', value: { version: versionToWire(version), hash } })
      },
      nack: ({ version, hash }, reason) => {
        this.#lastNack = { version: formatVersion(version), reason }
        this.stats.add(CONFIG_NACKS_TOTAL, 1)
        this.#options.log.error({ version: formatVersion(version), reason }, 'config refused')
        stream.send({ $case: 'nack', value: { version: versionToWire(version), hash, reason } })
      },
      resync: (reason) => {
        this.#wantsEverything = true
        this.stats.add(CONFIG_RESYNCS_TOTAL, 1)
        stream.destroy(`asking for the whole config: ${reason}`)
      },
    }
  }

  #onDrainRequest(draining: boolean): void {
    if (!draining) this.#isDrainLocal = false
    this.#setDraining(draining)
    this.#drainAcknowledged?.()
    this.#drainAcknowledged = null
  }

  #setDraining(draining: boolean): void {
    if (draining === this.#isDraining) return
    this.#isDraining = draining
    this.stats.set(DRAINING, draining)
    this.#options.log.info({ draining }, draining ? 'draining' : 'drain ended')
    this.#options.onDraining(draining)
  }

  #noteEnd({ reason }: Ended): void {
    // One line per kind of trouble, not one per try.
    if (reason !== this.#lastError) this.#options.log.warn({ reason }, 'not connected to the controller')
    this.#lastError = reason
  }

  #notePersistError(error: Error | null): void {
    const message = error === null ? null : error.message
    if (message !== null && message !== this.#persistError) {
      this.#options.log.error({ reason: message }, 'config runs, but cannot be kept on disk')
    }
    this.#persistError = message
    this.stats.set(CONFIG_UNKEPT, message !== null)
  }
}

interface Ended {
  readonly code: status | null
  readonly reason: string
}

/** Trying again soon changes nothing: someone has to act. */
const REFUSALS: ReadonlySet<status> = new Set([
  status.UNAUTHENTICATED,
  status.PERMISSION_DENIED,
  status.INVALID_ARGUMENT,
  status.ALREADY_EXISTS,
  status.FAILED_PRECONDITION,
  status.UNIMPLEMENTED,
])

function explain({ code, details }: StreamEnd, controller: ControllerAddress): Ended {
  switch (code) {
    case status.OK:
      return { code, reason: 'the controller ended the stream' }
    case status.UNAUTHENTICATED:
      return { code, reason: `the controller refused the join token of ${controller.tokenFile}: ${details}` }
    case status.CANCELLED:
      return { code, reason: details }
    case status.UNAVAILABLE:
      return { code, reason: `${nameOf(controller)} is away: ${connectError(details)}` }
    default:
      return { code, reason: `${status[code]}: ${details}` }
  }
}

/** grpc-js wraps what the socket said: `No connection established. Last error: Error: ... Resolution note: `. */
function connectError(details: string): string {
  return /Last error: (?:Error: )?(.*?)\.? Resolution note:/.exec(details)?.[1] ?? details
}

function nameOf({ host, port }: ControllerAddress): string {
  return `${host.includes(':') ? `[${host}]` : host}:${port}`
}

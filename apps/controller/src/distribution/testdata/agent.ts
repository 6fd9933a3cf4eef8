import { applyDelta, NO_VERSION, type PartKey, type Snapshot, type SnapshotVersion } from '@fairlead/core/snapshot'
import {
  type AgentMessage,
  ConfigServiceClient,
  type ControllerMessage,
  type Hello,
  type Update,
} from '@fairlead/proto'
import { type ClientDuplexStream, credentials, Metadata, type StatusObject } from '@grpc/grpc-js'
import { versionFromWire, versionToWire } from '../wire.js'

export interface AgentOptions {
  readonly name?: string
  readonly namespace?: string
  readonly labels?: Record<string, string>
  readonly token?: string | null
  readonly epoch?: number
  readonly address?: string
  readonly ports?: Record<number, number>
  /** What it has from an earlier run. */
  readonly snapshot?: Snapshot | null
  readonly sayHello?: boolean
  /** Of the controller's certificate; absent: plain text. */
  readonly ca?: Buffer
}

/** An agent's side of the stream: applies what it gets, and acknowledges unless told otherwise. */
export class TestAgent {
  readonly #client: ConfigServiceClient
  readonly #call: ClientDuplexStream<AgentMessage, ControllerMessage>
  readonly updates: Update[] = []
  readonly drains: boolean[] = []
  inventoryRequests = 0
  snapshot: Snapshot | null
  /** Of the last acknowledged Update. */
  version: SnapshotVersion = NO_VERSION
  status: StatusObject | null = null
  refuse: string | null = null
  answer = true
  onUpdate: () => void = () => {}

  constructor(
    port: number,
    readonly options: AgentOptions = {},
  ) {
    this.#client = new ConfigServiceClient(`127.0.0.1:${port}`, options.ca === undefined ? credentials.createInsecure() : credentials.createSsl(options.ca), {
      'grpc.use_local_subchannel_pool': 1,
      'grpc.max_receive_message_length': 64 * 1024 * 1024,
      ...(options.ca && { 'grpc.ssl_target_name_override': 'localhost' }),
    })
    const metadata = new Metadata()
    const { token = 'token' } = options
    if (token !== null) metadata.set('authorization', `Bearer ${token}`)
    this.snapshot = options.snapshot ?? null
    this.#call = this.#client.streamConfig(metadata)
    this.#call.on('error', () => {})
    this.#call.on('status', (status: StatusObject) => (this.status = status))
    this.#call.on('data', ({ message }: ControllerMessage) => this.#receive(message))
    if (options.sayHello !== false) this.send({ $case: 'hello', value: this.#hello() })
  }

  get endpoints(): readonly string[] {
    const bytes = this.snapshot?.parts.get('endpoints/all')?.bytes
    if (bytes === undefined) return []
    const part = JSON.parse(Buffer.from(bytes).toString()) as { endpoints: { workload: string }[] }
    return part.endpoints.map(({ workload }) => workload)
  }

  send(message: NonNullable<AgentMessage['message']>): void {
    this.#call.write({ message })
  }

  /** Everything that was sent has left this process. */
  get isFlushed(): boolean {
    return this.#call.writableLength === 0
  }

  /** Stops reading, as a host that is out of memory or CPU. */
  pause(): void {
    this.#call.pause()
  }

  resume(): void {
    this.#call.resume()
  }

  halfClose(): void {
    this.#call.end()
  }

  /** As a process that was killed: no Goodbye. */
  kill(): void {
    this.#call.cancel()
    this.#client.close()
  }

  #hello(): Hello {
    const { name = 'a', namespace = 'default', labels = { app: 'web' }, address = '127.0.0.1' } = this.options
    return {
      node: {
        name,
        namespace,
        labels,
        role: 'sidecar',
        address,
        locality: '',
        inbound: Object.entries(this.options.ports ?? { 8080: 15006 }).map(([applicationPort, bindPort]) => ({
          bindAddress: '0.0.0.0',
          bindPort,
          applicationPort: Number(applicationPort),
          applicationAddress: '',
        })),
        workloadGroup: '',
      },
      instanceEpoch: BigInt(this.options.epoch ?? 1),
      version: versionToWire(this.snapshot?.version ?? NO_VERSION),
      snapshotHash: this.snapshot?.hash ?? '',
      agentVersion: '0.1.0',
    }
  }

  #receive(message: ControllerMessage['message']): void {
    switch (message?.$case) {
      case 'drain':
        this.drains.push(message.value.draining)
        break
      case 'inventoryRequest': {
        this.inventoryRequests++
        const parts = [...(this.snapshot?.parts.values() ?? [])].map(({ key, hash }) => ({ key, hash }))
        this.send({ $case: 'inventory', value: { parts } })
        break
      }
      case 'update':
        this.#take(message.value)
        break
      case undefined:
    }
  }

  #take(update: Update): void {
    this.updates.push(update)
    const { version, hash } = update
    if (this.refuse !== null) return this.send({ $case: 'nack', value: { version, hash, reason: this.refuse } })
    this.snapshot = applyDelta(this.snapshot, {
      version: versionFromWire(version),
      baseHash: update.baseHash,
      hash,
      changed: update.changed.map((part) => ({ key: part.key as PartKey, hash: part.hash, bytes: part.content })),
      removed: update.removed as PartKey[],
    })
    this.version = this.snapshot.version
    if (this.answer) this.send({ $case: 'ack', value: { version, hash } })
    this.onUpdate()
  }
}

import { diffSnapshots, type Snapshot } from '@fairlead/core/snapshot'
import type { AgentMessage, ControllerMessage, Hello } from '@fairlead/proto'
import type { ServerCredentials, ServerDuplexStream, status } from '@grpc/grpc-js'
import { waitFor } from './wait-for.js'

type Up = NonNullable<AgentMessage['message']>
type Down = NonNullable<ControllerMessage['message']>
type UpValue<Case extends Up['$case']> = Extract<Up, { $case: Case }>['value']

/** A controller's end of the agents' streams that says only what the test tells it to, right or wrong. */
export interface ScriptedController {
  readonly port: number
  /** Every stream that said Hello, in order, also those that ended. */
  readonly streams: readonly AgentStream[]
  /** Calls so far, also those that were refused. */
  readonly calls: number
  /** Stream number `index` (from 0) once it said Hello. */
  stream(index: number): Promise<AgentStream>
  /** Cuts every connection and closes the port. */
  close(): void
}

export interface AgentStream {
  readonly hello: Hello
  /** Value of the `authorization` header. */
  readonly authorization: string
  /** All messages after the Hello. */
  readonly received: readonly Up[]
  readonly isEnded: boolean
  /** The next message of this kind that no earlier call returned. Rejects when the stream ends without one. */
  next<Case extends Up['$case']>(kind: Case): Promise<UpValue<Case>>
  send(message: Down): void
  /** The true delta between the two. */
  sendSnapshot(base: Snapshot | null, next: Snapshot): void
  end(): void
}

export interface ScriptedControllerOptions {
  /** To come back where another one was; 0 or absent: any free port. */
  readonly port?: number
  /** Ends the call before a message is read. */
  readonly refuse?: (authorization: string) => { readonly code: status; readonly details: string } | null
  readonly credentials?: ServerCredentials
  /** Do not even answer a Hello with response headers. */
  readonly isSilent?: boolean
  /** As soon as a stream said Hello. */
  readonly onHello?: (stream: AgentStream) => void
}

export async function startScriptedController(options: ScriptedControllerOptions = {}): Promise<ScriptedController> {
  // Loaded here, so that the many tests that need no gRPC do not wait for it.
  const [{ Metadata, Server, ServerCredentials }, { ConfigServiceService }] = await Promise.all([
    import('@grpc/grpc-js'),
    import('@fairlead/proto'),
  ])
  const server = new Server()
  const streams: AgentStream[] = []
  let calls = 0
  server.addService(ConfigServiceService, {
    streamConfig: (call: ServerDuplexStream<AgentMessage, ControllerMessage>) => {
      calls++
      const authorization = String(call.metadata.get('authorization')[0] ?? '')
      const refusal = options.refuse?.(authorization) ?? null
      if (refusal !== null) return void call.emit('error', refusal)
      serve(call, authorization, (stream) => {
        streams.push(stream)
        if (!options.isSilent) call.sendMetadata(new Metadata())
        options.onHello?.(stream)
      })
    },
  })
  const port = await new Promise<number>((resolve, reject) => {
    const credentials = options.credentials ?? ServerCredentials.createInsecure()
    server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) =>
      error ? reject(error) : resolve(bound),
    )
  })
  return {
    port,
    streams,
    get calls() {
      return calls
    },
    stream: (index) => waitFor(`stream ${index} of an agent`, () => streams[index]),
    close: () => server.forceShutdown(),
  }
}

function serve(
  call: ServerDuplexStream<AgentMessage, ControllerMessage>,
  authorization: string,
  onHello: (stream: AgentStream) => void,
): void {
  const received: Up[] = []
  const taken = new Set<Up>()
  let isEnded = false
  const send = (message: Down) => void (isEnded || call.write({ message }))
  const next = async <Case extends Up['$case']>(kind: Case): Promise<UpValue<Case>> => {
    const message = await waitFor(`${kind} of an agent`, () => {
      const found = received.find((candidate) => candidate.$case === kind && !taken.has(candidate))
      return found ?? (isEnded ? 'ended' : null)
    })
    if (message === 'ended') throw new Error(`the stream ended before a ${kind}`)
    taken.add(message)
    return message.value as UpValue<Case>
  }
  call.on('data', ({ message }: AgentMessage) => {
    if (message?.$case === 'hello')
      onHello({
        ...stream,
        hello: message.value,
        received,
        get isEnded() {
          return isEnded
        },
      })
    else if (message !== undefined) received.push(message)
  })
  const stream = {
    authorization,
    next,
    send,
    sendSnapshot: (base: Snapshot | null, to: Snapshot) => send(updateOf(base, to)),
    end: () => call.end(),
  }
  call.on('end', () => {
    isEnded = true
    call.end()
  })
  call.on('cancelled', () => (isEnded = true))
  call.on('error', () => (isEnded = true))
}

function updateOf(base: Snapshot | null, next: Snapshot): Down {
  const { version, baseHash, hash, changed, removed } = diffSnapshots(base, next)
  return {
    $case: 'update',
    value: {
      version: {
        revision: BigInt(version.revision),
        overlay: BigInt(version.overlay),
        endpoints: BigInt(version.endpoints),
      },
      baseHash,
      hash,
      changed: changed.map((part) => ({ key: part.key, hash: part.hash, content: Buffer.from(part.bytes) })),
      removed: [...removed],
    },
  }
}

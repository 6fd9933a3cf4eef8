import { once } from 'node:events'
import {
  createServer,
  request,
  type ClientRequest,
  type IncomingMessage,
  type Server,
  type ServerResponse,
} from 'node:http'
import { type AddressInfo } from 'node:net'

const MIB = 1024 * 1024
const BLOCK = Buffer.alloc(64 * 1024, 'fairlead ')

export interface SlowFlow {
  readonly direction: 'download' | 'upload'
  readonly framing: 'content-length' | 'chunked'
  readonly bytes: number
  /** The reader takes nothing more until it resolves. Called for each MiB that was read. */
  onPause(readBytes: number): Promise<void>
}

/** An application whose answers come, and whose requests are taken, as a flow says. */
export class FlowServer {
  private flow: SlowFlow | null = null
  private readonly server: Server

  private constructor() {
    this.server = createServer((message, response) => void this.answer(message, response))
  }

  static async start(): Promise<FlowServer> {
    const flowServer = new FlowServer()
    flowServer.server.listen(0, '127.0.0.1')
    await once(flowServer.server, 'listening')
    return flowServer
  }

  get port(): number {
    return (this.server.address() as AddressInfo).port
  }

  /** Runs one flow through a proxy at `port`; resolves with the bytes that arrived. */
  async run(port: number, host: string, flow: SlowFlow): Promise<number> {
    this.flow = flow
    const isUpload = flow.direction === 'upload'
    const headers = { host, ...(isUpload ? framing(flow) : {}) }
    const sent = request({ port, host: '127.0.0.1', method: isUpload ? 'POST' : 'GET', headers, agent: false })
    const answered = once(sent, 'response') as Promise<[IncomingMessage]>
    if (isUpload) await fill(sent, flow.bytes)
    sent.end()
    const [response] = await answered
    if (!isUpload) return drain(response, flow)
    let text = ''
    for await (const chunk of response) text += String(chunk)
    return Number(text)
  }

  /** Answers every GET with so many bytes, as fast as they are taken. */
  serve(bytes: number): void {
    this.flow = { direction: 'download', framing: 'content-length', bytes, onPause: async () => {} }
  }

  close(): void {
    this.server.closeAllConnections()
    this.server.close()
  }

  private async answer(message: IncomingMessage, response: ServerResponse): Promise<void> {
    const flow = this.flow!
    response.on('error', () => {})
    if (flow.direction === 'upload') return void response.end(String(await drain(message, flow)))
    response.writeHead(200, framing(flow))
    await fill(response, flow.bytes)
    response.end()
  }
}

function framing(flow: SlowFlow): Record<string, string> {
  return flow.framing === 'chunked' ? { 'transfer-encoding': 'chunked' } : { 'content-length': String(flow.bytes) }
}

async function fill(target: ServerResponse | ClientRequest, bytes: number): Promise<void> {
  for (let left = bytes; left > 0 && !target.destroyed; left -= BLOCK.length) {
    if (target.write(BLOCK.subarray(0, left))) continue
    await new Promise<void>((resolve) => {
      const done = () => {
        target.off('drain', done).off('close', done)
        resolve()
      }
      target.on('drain', done).on('close', done)
    })
  }
}

async function drain(message: IncomingMessage, flow: SlowFlow): Promise<number> {
  let read = 0
  let pauseAt = MIB
  for await (const chunk of message as AsyncIterable<Buffer>) {
    read += chunk.length
    if (read < pauseAt) continue
    pauseAt += MIB
    await flow.onPause(read)
  }
  return read
}

// HOT: runs per request. Measure before and after.
import { connect, createServer, type NetConnectOpts, Socket } from 'node:net'
import { type ByteStream, type ByteStreamHandler } from './byte-stream.js'
import { byteView } from './byte-view.js'
import { type OutputSlab } from './output-slab.js'
import { beginTurn, endTurn } from './read-turn.js'
import { SocketStream } from './socket-stream.js'

/*
 * The only file that touches what Node does not document: `_handle` (to give an accepted socket a read buffer of our
 * own: 12% of the CPU of a small request), `handle.onread` (its bytes without stream.Readable) and `handle.writeBuffer`
 * (a write without stream.Writable: another 10%).
 * `fastSocketsWork` proves at start that both do what we think; `SocketStream` serves where they do not.
 */

interface WriteRequest {
  handle: StreamHandle
  oncomplete: (status: number) => void
  stream: FastSocketStream
  slab: OutputSlab
  start: number
  end: number
}

/** `this` is the handle; `state[kReadBytesOrError]` says how many bytes there are, or which error. */
type OnRead = (this: StreamHandle, buffer: unknown) => unknown

interface StreamHandle {
  onread: OnRead
  /** Ours: whose bytes `onread` brings, and Node's own callback for everything that is not bytes. */
  stream: FastSocketStream
  onReadEnd: OnRead
  writeBuffer(request: WriteRequest, bytes: Uint8Array): number
}

interface StreamBinding {
  readonly WriteWrap: new () => WriteRequest
  readonly streamBaseState: Int32Array
  readonly kLastWriteWasAsync: number
  readonly kReadBytesOrError: number
}

interface SocketInternals {
  _handle: StreamHandle | null
}

/** One read buffer for the process: a socket's bytes are consumed before the next socket is read. */
const READ_BUFFER_BYTES = 64 * 1024
const readBuffer = Buffer.allocUnsafeSlow(READ_BUFFER_BYTES)

const binding = loadBinding()
const state = binding?.streamBaseState ?? new Int32Array(1)
const lastWriteWasAsync = binding?.kLastWriteWasAsync ?? 0
const readBytesOrError = binding?.kReadBytesOrError ?? 0
/** Node keeps a write request only when the kernel did not take all at once; until then one serves all writes. */
let nextRequest: WriteRequest | null = null

/** Reads into the shared buffer, writes past stream.Writable. */
export class FastSocketStream extends SocketStream {
  /** Null while it connects. Kept after the socket let go of it: a closed handle refuses to write. */
  private handle: StreamHandle | null = null

  protected override listenForBytes(): void {
    // Bytes come through the `onread` callback that the socket was made with.
  }

  deliver(length: number): void {
    if (this.closed) return
    beginTurn()
    this.handler.onBytes(readBuffer, 0, length)
    endTurn()
  }

  /** Bytes come straight from the handle, once there is one. */
  shortenReads(): void {
    const handle = (this.socket as unknown as SocketInternals)._handle
    if (handle === null) return
    this.handle = handle
    handle.stream = this
    handle.onReadEnd = handle.onread
    handle.onread = onHandleRead
  }

  /** For the write request's completion only. */
  sent(slab: OutputSlab, start: number, end: number): void {
    this.onSent(slab, start, end)
  }

  /**
   * libuv reports a reset that it finds together with the last bytes as an end (`uv__stream_io`, POLLHUP), which would
   * turn a cut response into a whole one. Writing nothing fails if the peer is gone, and does nothing if it said FIN.
   */
  protected override onPeerEnd(): void {
    if (this.ending || this.bufferedBytes > 0 || this.writeNothing() === 0) super.onPeerEnd()
    else this.socket.destroy(new Error('the peer reset the connection'))
  }

  private writeNothing(): number {
    const handle = (this.socket as unknown as SocketInternals)._handle
    if (handle === null || binding === null) return 0
    const request = new binding.WriteWrap()
    request.handle = handle
    request.oncomplete = ignoreCompletion
    return handle.writeBuffer(request, NOTHING)
  }

  protected override send(slab: OutputSlab, start: number, end: number): boolean {
    const { handle } = this
    if (handle === null) return true
    const request = nextRequest ?? newRequest()
    const error = handle.writeBuffer(request, byteView(slab.buffer, start, end))
    if (error !== 0) {
      nextRequest = null
      this.socket.destroy(new Error(`write failed: ${error}`))
      return true
    }
    if (state[lastWriteWasAsync] === 0) return true
    nextRequest = null
    request.handle = handle
    request.oncomplete = onWriteComplete
    request.stream = this
    request.slab = slab
    request.start = start
    request.end = end
    return false
  }
}

/** Takes the handle of a socket that `net.Server` accepted (with `pauseOnConnect`) and reads it into our buffer. */
export function adoptAccepted(accepted: Socket): FastSocketStream {
  const internals = accepted as unknown as SocketInternals
  const handle = internals._handle
  internals._handle = null
  accepted.removeAllListeners()
  let stream: FastSocketStream | null = null
  const options = {
    handle,
    allowHalfOpen: true,
    // Undocumented: do not read before somebody says resume().
    manualStart: true,
    onread: { buffer: readBuffer, callback: (length: number) => deliverTo(stream, length) },
  }
  const socket = new Socket(options as ConstructorParameters<typeof Socket>[0])
  stream = new FastSocketStream(socket)
  stream.shortenReads()
  return stream
}

/** Connects a socket that reads into our buffer. The stream is usable before 'connect', which the caller awaits. */
export function connectFast(options: NetConnectOpts): { socket: Socket; stream: FastSocketStream } {
  let stream: FastSocketStream | null = null
  const socket = connect({
    ...options,
    allowHalfOpen: true,
    onread: { buffer: readBuffer, callback: (length: number) => deliverTo(stream, length) },
  })
  socket.pause()
  const connecting = new FastSocketStream(socket)
  stream = connecting
  socket.once('connect', () => connecting.shortenReads())
  return { socket, stream }
}

function deliverTo(stream: FastSocketStream | null, length: number): boolean {
  stream?.deliver(length)
  return true
}

function newRequest(): WriteRequest {
  nextRequest = new binding!.WriteWrap()
  return nextRequest
}

function onHandleRead(this: StreamHandle, buffer: unknown): unknown {
  const length = state[readBytesOrError]!
  if (length <= 0) return this.onReadEnd(buffer)
  this.stream.deliver(length)
  return undefined
}

function onWriteComplete(this: WriteRequest, status: number): void {
  const { stream } = this
  stream.sent(this.slab, this.start, this.end)
  if (status !== 0) stream.destroy()
}

const NOTHING = new Uint8Array(0)

function ignoreCompletion(): void {}

const SELF_TEST_BYTES = 512 * 1024
/** Long: a host that is busy while the agent starts must not make it slow for good. */
const SELF_TEST_TIMEOUT_MS = 10_000
let selfTest: Promise<boolean> | null = null
let proven = false

/**
 * Whether the internals behave on this Node: more bytes than a socket buffer holds go through an adopted socket both
 * ways, arrive unchanged, and a half-close follows them. Runs once a process; `FAIRLEAD_IO=portable` says no.
 */
export function fastSocketsWork(): Promise<boolean> {
  selfTest ??= process.env.FAIRLEAD_IO === 'portable' || binding === null ? Promise.resolve(false) : prove()
  return selfTest
}

/** Whether the self-test has run and passed. */
export function fastSocketsProven(): boolean {
  return proven
}

async function prove(): Promise<boolean> {
  proven = await echoTest()
  return proven
}

/** The first verdict counts: closing what was tested ends in callbacks, too. */
function echoTest(): Promise<boolean> {
  return new Promise((resolve) => {
    const server = createServer({ pauseOnConnect: true, allowHalfOpen: true })
    let client: FastSocketStream | null = null
    const finish = (works: boolean) => {
      clearTimeout(timer)
      server.close()
      client?.destroy()
      resolve(works)
    }
    const timer = setTimeout(finish, SELF_TEST_TIMEOUT_MS, false)
    server.on('error', () => finish(false))
    server.on('connection', (socket) => {
      try {
        const stream = adoptAccepted(socket)
        stream.handler = new Echo(stream)
        stream.resume()
      } catch {
        finish(false)
      }
    })
    server.listen(0, '127.0.0.1', () => {
      const address = server.address()
      if (address === null || typeof address === 'string') return finish(false)
      const connection = connectFast({ host: '127.0.0.1', port: address.port })
      client = connection.stream
      connection.socket.on('connect', () => startSelfTest(connection.stream, finish))
    })
  })
}

function startSelfTest(client: FastSocketStream, finish: (works: boolean) => void): void {
  const pattern = new Uint8Array(SELF_TEST_BYTES)
  for (let i = 0; i < SELF_TEST_BYTES; i++) pattern[i] = i % 251
  let received = 0
  let same = true
  client.handler = {
    onBytes(buffer, start, end) {
      for (let i = start; i < end; i++) same &&= buffer[i] === received++ % 251
    },
    onWritable: () => {},
    onEnd: () => finish(same && received === SELF_TEST_BYTES),
    onClose: () => finish(false),
  }
  client.resume()
  client.write(pattern, 0, SELF_TEST_BYTES)
  client.end()
}

class Echo implements ByteStreamHandler {
  constructor(private readonly stream: ByteStream) {}

  onBytes(buffer: Buffer, start: number, end: number): void {
    if (!this.stream.write(buffer, start, end)) this.stream.pause()
  }

  onWritable(): void {
    this.stream.resume()
  }

  onEnd(): void {
    this.stream.end()
  }

  onClose(): void {}
}

function loadBinding(): StreamBinding | null {
  try {
    const load = (process as unknown as { binding(name: string): Partial<StreamBinding> }).binding
    const found = load.call(process, 'stream_wrap')
    const { WriteWrap, streamBaseState, kLastWriteWasAsync, kReadBytesOrError } = found
    if (WriteWrap === undefined || streamBaseState === undefined) return null
    if (kLastWriteWasAsync === undefined || kReadBytesOrError === undefined) return null
    return { WriteWrap, streamBaseState, kLastWriteWasAsync, kReadBytesOrError }
  } catch {
    return null
  }
}

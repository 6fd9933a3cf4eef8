// HOT: runs per request. Measure before and after.
import type { RequestView } from '@fairlead/core/routing/request-view'
import { type ByteStream } from '../io/byte-stream.js'
import { buildChunk, buildLastChunk, FRAME_CHUNKED } from './head-writer.js'
import { cursor } from './output-cursor.js'

/** Below: a chunk waits for its neighbours until the end of the turn. */
const STAGED_CHUNK_BYTES_MAX = 4 * 1024

/** Frames a body on its way out and holds its sender to the length that the head announced. */
export class BodyWriter {
  /** More or fewer octets were handed over than announced: the connection cannot be used any further. */
  broken = false
  private chunked = false
  private bounded = false
  private remaining = 0

  /** `framing` as in the head: a length, `FRAME_CHUNKED`, or `FRAME_NONE` for a body that ends with the connection. */
  begin(framing: number): void {
    this.broken = false
    this.chunked = framing === FRAME_CHUNKED
    this.bounded = framing >= 0
    this.remaining = framing
  }

  /** False: see `ByteStream.write`. */
  data(stream: ByteStream, bytes: Uint8Array, start: number, end: number): boolean {
    const length = end - start
    // An empty chunk would be the last one.
    if (length === 0) return true
    if (this.chunked) {
      buildChunk(bytes, start, end)
      return length <= STAGED_CHUNK_BYTES_MAX ? cursor.stage(stream) : cursor.write(stream)
    }
    if (this.bounded) {
      if (length > this.remaining) {
        this.broken = true
        return true
      }
      this.remaining -= length
    }
    return stream.write(bytes, start, end)
  }

  end(stream: ByteStream, trailers: RequestView | null): void {
    if (this.chunked) {
      buildLastChunk(trailers)
      cursor.write(stream)
    } else if (this.bounded && this.remaining > 0) {
      this.broken = true
    }
  }
}

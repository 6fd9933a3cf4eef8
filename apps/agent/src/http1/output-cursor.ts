// HOT: runs per request. Measure before and after.
import { type ByteStream } from '../io/byte-stream.js'
import { byteView } from '../io/byte-view.js'
import { putDecimal } from '../io/put-decimal.js'
import { type OutputSlab, reserveOutput } from '../io/output-slab.js'

const COPY_BY_LOOP_MAX = 48
const HEX_DIGITS = Uint8Array.from('0123456789abcdef', (character) => character.charCodeAt(0))

/**
 * Builds a message in place, in the memory that it is sent from. `open` says how many octets at most; all of it happens
 * in one synchronous run that ends in `write` or `stage`, so that one cursor serves the process.
 */
export class OutputCursor {
  private bytes: Uint8Array = new Uint8Array(0)
  private slab: OutputSlab | null = null
  private start = 0
  private at = 0

  open(bytesMax: number): void {
    this.slab = reserveOutput(bytesMax)
    this.bytes = this.slab.buffer
    this.start = this.at = this.slab.position
  }

  put(source: Uint8Array, start: number, end: number): void {
    const { bytes } = this
    let { at } = this
    if (end - start <= COPY_BY_LOOP_MAX) {
      for (let i = start; i < end; i++) bytes[at++] = source[i]!
      this.at = at
    } else {
      bytes.set(byteView(source, start, end), at)
      this.at = at + end - start
    }
  }

  putAll(source: Uint8Array): void {
    this.put(source, 0, source.length)
  }

  putByte(byte: number): void {
    this.bytes[this.at++] = byte
  }

  /** A whole number in decimal digits. */
  putNumber(value: number): void {
    this.at = putDecimal(this.bytes, this.at, value)
  }

  /** A whole number below 2^32 in hexadecimal digits. */
  putHex(value: number): void {
    let shift = 28
    while (shift > 0 && value >>> shift === 0) shift -= 4
    for (; shift >= 0; shift -= 4) this.bytes[this.at++] = HEX_DIGITS[(value >>> shift) & 15]!
  }

  write(stream: ByteStream): boolean {
    return stream.write(this.bytes, this.start, this.at)
  }

  stage(stream: ByteStream): boolean {
    return stream.stage(this.bytes, this.start, this.at)
  }
}

export const cursor = new OutputCursor()

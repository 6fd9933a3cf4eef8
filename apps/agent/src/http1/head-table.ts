// HOT: runs per request. Measure before and after.
import { FIELD_STRIDE, PSEUDO_SLOTS } from '@fairlead/core/routing/request-view'
import type { RequestHead, ResponseHead } from '../http/head.js'

const FIRST_FIELDS = 24
const NO_BYTES = new Uint8Array(0)

/** The one shape of a parsed head: requests, responses, trailers. Reused by its parser for every message. */
export class HeadTable implements RequestHead, ResponseHead {
  bytes: Uint8Array = NO_BYTES
  ranges = new Int32Array(PSEUDO_SLOTS + FIRST_FIELDS * FIELD_STRIDE)
  fieldCount = 0
  /** Which field of `known-field.ts` each is: read off once, asked for by parser, options and writer. */
  kinds = new Uint8Array(FIRST_FIELDS)
  bodyLength = 0
  expectsContinue = false
  /** A request that asks for WebSocket, or a 101 that agrees to it. */
  upgrade = false
  status = 0
  /** The minor version: 0 or 1. */
  minorVersion = 1
  /** What `Connection` said. */
  saysClose = false
  saysKeepAlive = false
  saysUpgrade = false
  /** `Connection` names other fields, which are hop-by-hop then. */
  namesFields = false

  reset(): void {
    for (let i = 0; i < PSEUDO_SLOTS; i++) this.ranges[i] = -1
    this.fieldCount = 0
    this.bodyLength = 0
    this.expectsContinue = false
    this.upgrade = false
    this.status = 0
    this.minorVersion = 1
    this.saysClose = false
    this.saysKeepAlive = false
    this.saysUpgrade = false
    this.namesFields = false
  }

  /** Lets go of the bytes, so that an idle connection holds none. */
  release(): void {
    this.bytes = NO_BYTES
    this.fieldCount = 0
  }

  addField(kind: number, nameStart: number, nameEnd: number, valueStart: number, valueEnd: number): void {
    const at = PSEUDO_SLOTS + this.fieldCount * FIELD_STRIDE
    if (at === this.ranges.length) this.grow()
    const { ranges } = this
    ranges[at] = nameStart
    ranges[at + 1] = nameEnd
    ranges[at + 2] = valueStart
    ranges[at + 3] = valueEnd
    this.kinds[this.fieldCount++] = kind
  }

  /** The bytes moved by `delta`: so do all ranges. */
  shift(delta: number): void {
    if (delta === 0) return
    const { ranges } = this
    const used = PSEUDO_SLOTS + this.fieldCount * FIELD_STRIDE
    for (let i = 0; i < used; i++) if (ranges[i]! >= 0) ranges[i]! += delta
  }

  private grow(): void {
    const larger = new Int32Array(PSEUDO_SLOTS + 2 * (this.ranges.length - PSEUDO_SLOTS))
    larger.set(this.ranges)
    this.ranges = larger
    const moreKinds = new Uint8Array(2 * this.kinds.length)
    moreKinds.set(this.kinds)
    this.kinds = moreKinds
  }
}

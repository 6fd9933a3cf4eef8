// HOT: runs per request. Measure before and after.
import { FIELD_STRIDE, PSEUDO_SLOTS, type RequestView } from '@fairlead/core/routing/request-view'
import { ascii, BYTE_CLASS, equalsLower, LOWER, TOKEN } from '../io/byte-classes.js'
import { skipSpace } from './framing.js'
import { HeadTable } from './head-table.js'
import { CONNECTION, knownField } from './known-field.js'
import { HTAB, SP } from './octets.js'

/** What an option may take of the space for all of them together. */
const OPTION_BYTES = 64
const CLOSE = ascii('close')
const KEEP_ALIVE_OPTION = ascii('keep-alive')
const UPGRADE_OPTION = ascii('upgrade')
const COMMA = 0x2c

/** `nextOption`: the value is no list of tokens. */
const NO_LIST = -1
/** Where the option that `nextOption` found ends. */
let optionEnd = 0

/**
 * Notes in the head what `Connection` says. 0, or the status to refuse with: 400 for what is no list of tokens, 431
 * beyond `optionsMax`. Each field that is written is looked for among the options: 30,000 of them took a quarter of a
 * second a request.
 */
export function readConnectionOptions(head: HeadTable, bytes: Uint8Array, optionsMax: number): number {
  const { ranges, fieldCount, kinds } = head
  let options = 0
  let octets = 0
  for (let i = 0; i < fieldCount; i++) {
    const field = PSEUDO_SLOTS + i * FIELD_STRIDE
    if (kinds[i] !== CONNECTION) continue
    const end = ranges[field + 3]!
    octets += end - ranges[field + 2]!
    if (octets > optionsMax * OPTION_BYTES) return 431
    let at = nextOption(bytes, ranges[field + 2]!, end)
    while (at !== end) {
      if (at === NO_LIST) return 400
      if (++options > optionsMax) return 431
      if (equalsLower(bytes, at, optionEnd, CLOSE)) head.saysClose = true
      else if (equalsLower(bytes, at, optionEnd, KEEP_ALIVE_OPTION)) head.saysKeepAlive = true
      else if (equalsLower(bytes, at, optionEnd, UPGRADE_OPTION)) head.saysUpgrade = true
      else head.namesFields = true
      at = nextOption(bytes, optionEnd, end)
    }
  }
  return 0
}

/** Whether `Connection` names any field beyond those that the codec knows: they are hop-by-hop, too. */
export function namesFields(view: RequestView): boolean {
  if (view instanceof HeadTable) return view.namesFields
  const { bytes, ranges, fieldCount } = view
  for (let i = 0; i < fieldCount; i++) if (isConnection(bytes, ranges, PSEUDO_SLOTS + i * FIELD_STRIDE)) return true
  return false
}

/** Whether `Connection` names the field whose name is `view.bytes[nameStart..nameEnd)`. */
export function isNamed(view: RequestView, nameStart: number, nameEnd: number): boolean {
  const { bytes, ranges, fieldCount } = view
  for (let i = 0; i < fieldCount; i++) {
    const field = PSEUDO_SLOTS + i * FIELD_STRIDE
    if (!isConnection(bytes, ranges, field)) continue
    const end = ranges[field + 3]!
    let at = nextOption(bytes, ranges[field + 2]!, end)
    while (at !== end && at !== NO_LIST) {
      if (sameName(bytes, at, optionEnd, nameStart, nameEnd)) return true
      at = nextOption(bytes, optionEnd, end)
    }
  }
  return false
}

function isConnection(bytes: Uint8Array, ranges: Int32Array, field: number): boolean {
  return knownField(bytes, ranges[field]!, ranges[field + 1]!) === CONNECTION
}

/**
 * The start of the next option in `bytes[start..end)`, `end` if none follows, or `NO_LIST`. Empty elements are legal in
 * a received list (RFC 9110 5.6.1.2).
 */
function nextOption(bytes: Uint8Array, start: number, end: number): number {
  let at = start
  while (at < end && (bytes[at] === COMMA || bytes[at] === SP || bytes[at] === HTAB)) at++
  if (at === end) return end
  const option = at
  while (at < end && (BYTE_CLASS[bytes[at]!]! & TOKEN) !== 0) at++
  if (at === option) return NO_LIST
  optionEnd = at
  at = skipSpace(bytes, at, end)
  return at === end || bytes[at] === COMMA ? option : NO_LIST
}

function sameName(bytes: Uint8Array, start: number, end: number, nameStart: number, nameEnd: number): boolean {
  if (end - start !== nameEnd - nameStart) return false
  for (let i = start; i < end; i++) {
    if (LOWER[bytes[i]!] !== LOWER[bytes[nameStart + i - start]!]) return false
  }
  return true
}

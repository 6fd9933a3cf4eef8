import { FIELD_STRIDE, PSEUDO_SLOTS, type RequestView } from '@fairlead/core/routing/request-view'
import { ascii, BYTE_CLASS, equalsLower, LOWER, TOKEN } from '../io/byte-classes.js'
import { skipSpace } from './framing.js'
import { HeadTable } from './head-table.js'
import { CONNECTION, knownField } from './known-field.js'

const CLOSE = ascii('close')
const KEEP_ALIVE_OPTION = ascii('keep-alive')
const COMMA = 0x2c

/** Called with each option; false ends the walk. */
type OptionVisitor = (bytes: Uint8Array, start: number, end: number) => boolean

/** Notes in the head what `Connection` says. False: a `Connection` value is no list of tokens (RFC 9110 7.6.1). */
export function readConnectionOptions(head: HeadTable, bytes: Uint8Array): boolean {
  return visitOptions(head, bytes, (_, start, end) => {
    if (equalsLower(bytes, start, end, CLOSE)) head.saysClose = true
    else if (equalsLower(bytes, start, end, KEEP_ALIVE_OPTION)) head.saysKeepAlive = true
    else head.namesFields = true
    return true
  })
}

/** Whether `Connection` names any field beyond `close` and `keep-alive`: those are hop-by-hop, too. */
export function namesFields(view: RequestView): boolean {
  if (view instanceof HeadTable) return view.namesFields
  let found = false
  visitOptions(view, view.bytes, (bytes, start, end) => {
    found = !equalsLower(bytes, start, end, CLOSE) && !equalsLower(bytes, start, end, KEEP_ALIVE_OPTION)
    return !found
  })
  return found
}

/** Whether `Connection` names the field whose name is `view.bytes[nameStart..nameEnd)`. */
export function isNamed(view: RequestView, nameStart: number, nameEnd: number): boolean {
  let found = false
  visitOptions(view, view.bytes, (bytes, start, end) => {
    found = sameName(bytes, start, end, nameStart, nameEnd)
    return !found
  })
  return found
}

function visitOptions(view: RequestView, bytes: Uint8Array, visit: OptionVisitor): boolean {
  const { ranges, fieldCount } = view
  for (let i = 0; i < fieldCount; i++) {
    const at = PSEUDO_SLOTS + i * FIELD_STRIDE
    if (knownField(bytes, ranges[at]!, ranges[at + 1]!) !== CONNECTION) continue
    if (!visitList(bytes, ranges[at + 2]!, ranges[at + 3]!, visit)) return false
  }
  return true
}

/** Empty elements are legal in a received list (RFC 9110 5.6.1.2). */
function visitList(bytes: Uint8Array, start: number, end: number, visit: OptionVisitor): boolean {
  let at = start
  while (at < end) {
    at = skipSpace(bytes, at, end)
    const tokenStart = at
    while (at < end && (BYTE_CLASS[bytes[at]!]! & TOKEN) !== 0) at++
    if (at > tokenStart && !visit(bytes, tokenStart, at)) return false
    at = skipSpace(bytes, at, end)
    if (at < end && bytes[at++] !== COMMA) return false
  }
  return true
}

function sameName(bytes: Uint8Array, start: number, end: number, nameStart: number, nameEnd: number): boolean {
  if (end - start !== nameEnd - nameStart) return false
  for (let i = start; i < end; i++) {
    if (LOWER[bytes[i]!] !== LOWER[bytes[nameStart + i - start]!]) return false
  }
  return true
}
